package table

import "slices"

// Merge is the rows of several methods (by name) as one list, in which every method's order is kept. A setting that several methods
// have is in it once; it is the same in all of them (a test checks it with Same). Each row names its methods.
func Merge(methods []string, rows func(method string) []Row) []Row {
	var all []Row
	for _, m := range methods {
		next := 0
		for _, r := range rows(m) {
			at := slices.IndexFunc(all, func(o Row) bool { return o.Key == r.Key })
			if at < 0 {
				at = next
				all = slices.Insert(all, at, r)
			}
			all[at].Methods = append(all[at].Methods, m)
			next = at + 1
		}
	}
	return all
}

// Same says whether two rows describe the same setting; their values may be in different places. Of the rows' own checks it only
// compares whether there is one.
func (r Row) Same(o Row) bool {
	return r.Key == o.Key && r.Help == o.Help && r.Group == o.Group && r.Default == o.Default &&
		r.MayChange == o.MayChange && r.OfNetwork == o.OfNetwork && r.OfShape == o.OfShape &&
		r.InPresets == o.InPresets && r.Bare == o.Bare &&
		r.bounded == o.bounded && r.lo == o.lo && r.hi == o.hi && slices.Equal(r.choices, o.choices) && (r.own == nil) == (o.own == nil)
}
