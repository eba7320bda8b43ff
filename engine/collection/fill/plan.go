package fill

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
)

// plan is what has to happen for a collection to match a set.
type plan struct {
	kept    []collection.Known   // with a vector, in the set
	gone    []collection.Known   // with a vector, whose files are missing
	fresh   []int                // items of the set to embed, ascending
	damaged []collection.Damaged // by path

	renamed, copied, touched int

	stamps []archive.Stamp
	splits map[string]string // split of a path
	labels []string
}

// newPlan compares the set with what is known.
func newPlan(ctx context.Context, set *data.Set, src *data.Source, known []collection.Known, damaged []collection.Damaged) (*plan, error) {
	p := &plan{stamps: set.Stamps(), splits: splitsOf(src), labels: set.Classes}
	byPath := map[string]int{}
	for i := range known { // a later one of the journal is newer than one of the generation
		byPath[known[i].Path] = i
	}
	bad := map[string]collection.Damaged{}
	for _, d := range damaged {
		bad[d.Path] = d
	}
	var moved []int // items of the set to look for by content
	for i, item := range set.Items {
		at, ok := byPath[item.Name]
		d, was := bad[item.Name]
		switch {
		case ok && known[at].Stamp() == p.stamps[i] && known[at].Box == item.Box:
			p.keep(known[at], item, i)
		case was && d.Size == p.stamps[i].Size && d.Mark == p.stamps[i].Mark:
			p.damaged = append(p.damaged, d)
		default:
			moved = append(moved, i)
		}
	}
	there := make(map[string]bool, len(set.Items))
	for _, item := range set.Items {
		there[item.Name] = true
	}
	found, err := p.findByContent(ctx, set, known, moved, there)
	if err != nil {
		return nil, err
	}
	for i, k := range known {
		if there[k.Path] || byPath[k.Path] != i || found[k.SHA256] {
			continue
		}
		k.Gone = true
		p.gone = append(p.gone, k)
	}
	return p, nil
}

// splitsOf are the splits of the paths; of several the first, and none of the parts of a split.
func splitsOf(src *data.Source) map[string]string {
	splits := map[string]string{}
	for _, name := range src.Splits() {
		if name == data.Query.String() || name == data.Gallery.String() {
			continue
		}
		for _, item := range src.Split(name).Items {
			if splits[item.Name] == "" {
				splits[item.Name] = name
			}
		}
	}
	return splits
}

// keep takes over a vector for item i of the set.
func (p *plan) keep(k collection.Known, item data.Item, i int) {
	p.describe(&k.Item, item, i)
	p.kept = append(p.kept, k)
}

// describe sets what the data set says of item i.
func (p *plan) describe(it *collection.Item, item data.Item, i int) {
	it.Path, it.Box, it.Gone = item.Name, item.Box, false
	it.Size, it.Mark = p.stamps[i].Size, p.stamps[i].Mark
	it.Split, it.Label = p.splits[item.Name], ""
	if item.Label >= 0 {
		it.Label = p.labels[item.Label]
	}
}

// findByContent keeps those of the items with the content of one that is known, and leaves the others to be embedded. there are the
// paths of the set. It gives the contents that were found under another path than the one they had.
func (p *plan) findByContent(
	ctx context.Context, set *data.Set, known []collection.Known, items []int, there map[string]bool,
) (found map[string]bool, err error) {
	byHash, sizes := map[string]int{}, map[int64]bool{}
	for i := range known {
		byHash[known[i].SHA256] = i
		sizes[known[i].Size] = true
	}
	hashes, err := hashesOf(ctx, set, items, func(i int) bool { return sizes[p.stamps[i].Size] })
	if err != nil {
		return nil, err
	}
	found = map[string]bool{}
	for k, i := range items {
		at, ok := byHash[hashes[k]]
		if !ok || known[at].Box != set.Items[i].Box {
			p.fresh = append(p.fresh, i)
			continue
		}
		switch path := known[at].Path; {
		case path == set.Items[i].Name:
			p.touched++
		case there[path]:
			p.copied++
		default:
			p.renamed++
			found[hashes[k]] = true
		}
		p.keep(known[at], set.Items[i], i)
	}
	return found, nil
}

// hashesOf are the SHA-256 of the items' files, in hex; "" of one that want does not ask for, or that cannot be read.
func hashesOf(ctx context.Context, set *data.Set, items []int, want func(i int) bool) ([]string, error) {
	hashes := make([]string, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for k, i := range items {
		if !want(i) {
			continue
		}
		group.Go(func() error {
			if b, err := set.ReadImage(i); err == nil { // else it is reported when it is to be decoded
				sum := sha256.Sum256(b)
				hashes[k] = hex.EncodeToString(sum[:])
			}
			return ctx.Err()
		})
	}
	return hashes, group.Wait()
}

// damage adds the images that could not be decoded.
func (p *plan) damage(set *data.Set, skipped []data.Skip) {
	if len(skipped) == 0 {
		return
	}
	at := make(map[string]int, len(set.Items))
	for i, item := range set.Items {
		at[item.Name] = i
	}
	for _, s := range skipped {
		stamp := p.stamps[at[s.Name]]
		p.damaged = append(p.damaged, collection.Damaged{Path: s.Name, Size: stamp.Size, Mark: stamp.Mark, Why: s.Err.Error()})
	}
	slices.SortFunc(p.damaged, func(a, b collection.Damaged) int { return cmp.Compare(a.Path, b.Path) })
}
