package serve

import (
	"maps"
	"math/bits"
	"net/http"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
)

func (s *Server) facets(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return err
	}
	found, err := v.countsOf(&f, tags)
	if err == nil {
		answer(w, http.StatusOK, found)
	}
	return err
}

// countsOf is how many images have each value of each facet and pass what the filter says of all others.
func (v *view) countsOf(f *Filter, tags collection.Tags) (*Facets, error) {
	s, err := f.sieve(v, tags)
	if err != nil {
		return nil, err
	}
	var by [columnCount][]int
	for facet := range by {
		by[facet] = make([]int, max(len(v.columns[facet].names), 1))
	}
	by[byQuality] = make([]int, 1<<len(v.columns[byQuality].names))
	others := newBitset(len(v.live)) // those that pass all but the tags
	total := 0
	for n := range v.live {
		switch failed := s.fails(n); {
		case failed == 0:
			total++
			others.set(n)
			for facet := range by {
				by[facet][v.columns[facet].of[n]]++
			}
		case failed == 1<<byTag:
			others.set(n)
		case bits.OnesCount(failed) == 1 && failed != failsPath: // the filter of one facet alone is in the way
			facet := bits.TrailingZeros(failed)
			by[facet][v.columns[facet].of[n]]++
		}
	}
	return &Facets{
		Total: total, Splits: v.counted(bySplit, by[bySplit]), Labels: v.counted(byLabel, by[byLabel]),
		Groups: v.counted(byGroup, by[byGroup]), Duplicate: v.counted(byDuplicate, by[byDuplicate]),
		Folders: v.folders(by[byFolder]), Quality: v.qualities(by[byQuality]), Taken: v.dates(by[byTaken]), Tags: v.countTags(tags, others),
	}, nil
}

// counted are the values that images have, by name.
func (v *view) counted(facet int, by []int) []Count {
	list := []Count{}
	for code, n := range by {
		if name := v.columns[facet].names[code]; name != "" && n > 0 {
			list = append(list, Count{name, n})
		}
	}
	return list
}

// folders count images in all folders above theirs too.
func (v *view) folders(by []int) []Count {
	sums := map[string]int{}
	for code, n := range by {
		for dir := v.columns[byFolder].names[code]; n > 0 && dir != ""; dir = folderOf(dir) {
			sums[dir] += n
		}
	}
	return byName(sums)
}

// qualities count each fault of an image.
func (v *view) qualities(by []int) []Count {
	list := []Count{}
	for at, name := range v.columns[byQuality].names {
		sum := 0
		for code, n := range by {
			sum += n * (code >> at & 1)
		}
		if sum > 0 {
			list = append(list, Count{name, sum})
		}
	}
	return list
}

// dates count years, months, and images without a date.
func (v *view) dates(by []int) []Count {
	sums := map[string]int{}
	for code, n := range by {
		switch month := v.columns[byTaken].names[code]; {
		case n == 0:
		case month == "":
			sums[noDate] += n
		default:
			sums[month] += n
			year, _, _ := strings.Cut(month, "-")
			sums[year] += n
		}
	}
	return byName(sums)
}

func byName(sums map[string]int) []Count {
	list := []Count{}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, Count{name, sums[name]})
	}
	return list
}
