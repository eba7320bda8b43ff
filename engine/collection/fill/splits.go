package fill

import "udml-gpu/engine/data"

// splits are the splits of a set's items: of several the first, and none of the parts of a split.
type splits struct {
	names []string
	items []uint8 // 1 + index into names; 0: none. nil: no item has one
}

// splitsOf gives the splits that the source has to the items of the set, which is one of its own.
func splitsOf(src *data.Source, set *data.Set) (s splits) {
	for _, name := range src.Splits() {
		if name == data.Query.String() || name == data.Gallery.String() {
			continue
		}
		if s.items == nil {
			s.items = make([]uint8, len(set.Items))
		}
		s.names = append(s.names, name)
		s.add(set, src.Split(name))
	}
	return s
}

// add gives the last of the names to the items of the part; both are in byte order of their paths.
func (s *splits) add(set, part *data.Set) {
	at := 0
	for i := range set.Items {
		name := set.Items[i].Name
		for at < len(part.Items) && part.Items[at].Name < name {
			at++
		}
		if at < len(part.Items) && part.Items[at].Name == name && s.items[i] == 0 {
			s.items[i] = uint8(len(s.names))
		}
	}
}

// of is the split of item i; "": none.
func (s *splits) of(i int) string {
	if s.items == nil || s.items[i] == 0 {
		return ""
	}
	return s.names[s.items[i]-1]
}
