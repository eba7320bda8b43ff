package fill

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
)

// What plan.places says of an item of the set that has no vector. Those of stale and unknown are to be embedded.
const (
	unknown collection.Place = -1 - iota
	stale                    // the journal has its path with another stamp or box
	damaged                  // its file is known to be damaged
)

// plan is what has to happen for a collection to match a set. Of what is known it holds nothing but where it is: the items of a million
// images would not fit beside their network.
type plan struct {
	set    *data.Set
	stamps []archive.Stamp    // of the set's items
	places []collection.Place // of their vectors
	splits splits
	known  int // images with a vector

	gone    []gone               // by path
	damaged []collection.Damaged // by path

	renamed, copied, touched int

	sizes sizes
	added map[string]gone // of those images of the journal whose files are missing
	next  int             // item of the set from which on the path of the next row of the present generation may be
}

// gone is an image with a vector and without a file.
type gone struct {
	path  string
	place collection.Place
	sum   content
}

// newPlan compares the set with what w has. With an error the plan is not whole, and says only how many images are known.
func newPlan(ctx context.Context, set *data.Set, src *data.Source, w *collection.Writer) (*plan, error) {
	p := &plan{
		set: set, stamps: set.Stamps(), places: slices.Repeat([]collection.Place{unknown}, len(set.Items)), splits: splitsOf(src, set),
		added: map[string]gone{},
	}
	var err error
	if p.known, err = w.Begin(p.lookAtAdded); err != nil {
		return p, err
	}
	if err = w.EachKept(p.lookAtKept); err != nil {
		return p, err
	}
	p.lookAtDamaged(w.Manifest.Damaged)
	found, err := p.findByContent(ctx, w)
	if err != nil {
		return p, err
	}
	for _, g := range p.added {
		p.gone = append(p.gone, g)
	}
	p.added, p.sizes = nil, sizes{}
	p.gone = slices.DeleteFunc(p.gone, func(g gone) bool { return found[g.sum] })
	slices.SortFunc(p.gone, func(a, b gone) int { return cmp.Compare(a.path, b.path) })
	return p, nil
}

// same tells whether item i of the set is what it was when it was embedded.
func (p *plan) same(i int, it *collection.Item) bool {
	return it.Stamp() == p.stamps[i] && it.Box == p.set.Box(i)
}

// lookAtAdded takes an image of the journal; a later one of a path replaces an earlier one.
func (p *plan) lookAtAdded(at collection.Place, it *collection.Item) {
	p.sizes.add(it.Size)
	i, ok := p.set.Find(it.Path)
	switch {
	case !ok:
		p.added[it.Path] = gone{it.Path, at, contentOf(it)}
	case p.same(i, it):
		p.places[i] = at
	default:
		p.places[i] = stale
	}
}

// lookAtKept takes the next image of the present generation, which one of the journal replaces.
func (p *plan) lookAtKept(row int, it *collection.Item) {
	p.sizes.add(it.Size)
	for p.next < len(p.set.Items) && p.set.Items[p.next].Name < it.Path {
		p.next++
	}
	if p.next == len(p.set.Items) || p.set.Items[p.next].Name != it.Path {
		if _, newer := p.added[it.Path]; !newer {
			p.gone = append(p.gone, gone{it.Path, collection.Kept(row), contentOf(it)})
		}
		return
	}
	if p.places[p.next] == unknown && p.same(p.next, it) {
		p.places[p.next] = collection.Kept(row)
	}
}

// lookAtDamaged leaves out the images that could not be read and have not changed since.
func (p *plan) lookAtDamaged(list []collection.Damaged) {
	byPath := func(a, b collection.Damaged) int { return cmp.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(list, byPath) {
		list = slices.SortedStableFunc(slices.Values(list), byPath)
	}
	for _, d := range list {
		i, ok := p.set.Find(d.Path)
		if !ok || p.places[i] >= 0 || p.places[i] == damaged || p.stamps[i] != (archive.Stamp{Size: d.Size, Mark: d.Mark}) {
			continue
		}
		p.places[i] = damaged
		p.damaged = append(p.damaged, d)
	}
}

// missing tells whether item i of the set has no vector and is not known to be damaged.
func (p *plan) missing(i int) bool { return p.places[i] == unknown || p.places[i] == stale }

// count is the number of items of the set of which is holds.
func (p *plan) count(is func(i int) bool) (n int) {
	for i := range p.places {
		if is(i) {
			n++
		}
	}
	return n
}

// fresh are the n items of the set that are to be embedded, ascending.
func (p *plan) fresh(n int) []int {
	list := make([]int, 0, n)
	for i := range p.places {
		if p.missing(i) {
			list = append(list, i)
		}
	}
	return list
}

// describe sets what the data set says of item i; of an image that is gone it says nothing else.
func (p *plan) describe(i int, it *collection.Item) {
	if i < 0 {
		it.Gone = true
		return
	}
	item := &p.set.Items[i]
	it.Path, it.Box, it.Gone = item.Name, p.set.Box(i), false
	if p.stamps != nil {
		it.Size, it.Mark = p.stamps[i].Size, p.stamps[i].Mark
	}
	it.Split, it.Label = p.splits.of(i), ""
	if item.Label >= 0 {
		it.Label = p.set.Classes[item.Label]
	}
}

// contents are what the collection is to hold. It ends the work of the plan's other methods.
func (p *plan) contents() collection.Contents {
	if p.renamed+p.copied+p.touched == 0 { // what is at the places has the stamps
		p.stamps = nil
	}
	n := p.count(func(i int) bool { return p.places[i] >= 0 })
	return collection.Contents{Images: n + len(p.gone), Places: p.all(), Describe: p.describe}
}

// all goes through the images with a vector by their paths: item of the set, -1 where it is gone, and place.
func (p *plan) all() iter.Seq2[int, collection.Place] {
	return func(yield func(int, collection.Place) bool) {
		missing := p.gone
		for i, at := range p.places {
			for ; len(missing) > 0 && missing[0].path < p.set.Items[i].Name; missing = missing[1:] {
				if !yield(-1, missing[0].place) {
					return
				}
			}
			if at >= 0 && !yield(i, at) {
				return
			}
		}
		for _, g := range missing {
			if !yield(-1, g.place) {
				return
			}
		}
	}
}

// damage adds the images that could not be decoded.
func (p *plan) damage(skipped []data.Skip) {
	if len(skipped) == 0 {
		return
	}
	for _, s := range skipped {
		i, _ := p.set.Find(s.Name)
		stamp := p.stamps[i]
		p.damaged = append(p.damaged, collection.Damaged{Path: s.Name, Size: stamp.Size, Mark: stamp.Mark, Why: s.Err.Error()})
	}
	slices.SortFunc(p.damaged, func(a, b collection.Damaged) int { return cmp.Compare(a.Path, b.Path) })
}
