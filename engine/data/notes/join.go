package notes

// Join adds what a part of a data set leaves out, such as one of several archives, but for the reason except. Names get the part's prefix.
func (o *Omissions) Join(part *Omissions, prefix, except string) {
	for _, w := range wordings {
		n := part.by[w.reason]
		if n == nil || w.reason == except {
			continue
		}
		for i, name := range n.Examples {
			n.Examples[i] = prefix + name
		}
		if o.by == nil {
			o.by = map[string]*Note{}
		}
		to := o.by[w.reason]
		if to == nil {
			o.by[w.reason] = n
			continue
		}
		to.Count += n.Count
		for kind, count := range n.Kinds {
			to.Kinds[kind] += count
		}
		to.Examples = append(to.Examples, n.Examples...)
		to.Examples = to.Examples[:min(len(to.Examples), MaxExamples)]
	}
}
