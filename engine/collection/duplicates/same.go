package duplicates

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"udml-gpu/engine/data/picture"
)

// sameBytes adds the groups of equal files among the items of the list, and gives the list without those that are not kept.
func (f *finder) sameBytes(list []int) []int {
	type content struct {
		sum string
		box picture.Box // another part of the same file is another image
	}
	by := map[content][]int{}
	for _, i := range list {
		it := &f.c.Items[i]
		at := content{it.SHA256, it.Box}
		by[at] = append(by[at], i)
	}
	var same [][]int
	for _, group := range by {
		if len(group) > 1 {
			same = append(same, group)
		}
	}
	return f.merge(Bytes, list, same)
}

// merge adds the groups to the report where their kind is wanted, and gives the list without what is not kept.
func (f *finder) merge(kind Kind, list []int, groups [][]int) []int {
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	dropped := map[int]bool{}
	for _, members := range groups {
		g := f.group(kind, members)
		for _, i := range g.indices[1:] {
			dropped[i] = true
		}
		if f.wants(kind) {
			f.report.Groups = append(f.report.Groups, g)
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return dropped[i] })
}

// samePixels adds the groups of images with the same pixels, and gives the pairs without those of images that are not kept.
func (f *finder) samePixels(ctx context.Context, pairs []pair) ([]pair, error) {
	var maybe []pair
	for _, p := range pairs {
		a, b := &f.c.Items[p.a], &f.c.Items[p.b]
		if a.Width == b.Width && a.Height == b.Height && p.similarity >= pixelSimilarity && hashDistance(a, b) <= pixelBits {
			maybe = append(maybe, p)
		}
	}
	list := imagesOf(maybe)
	if err := f.looker.look(ctx, list, true); err != nil {
		return nil, err
	}
	by := map[[sha256.Size]byte][]int{}
	for _, i := range list {
		if s := f.looker.seen[i]; s != nil {
			by[s.digest] = append(by[s.digest], i)
		}
	}
	var same [][]int
	for _, group := range by {
		if len(group) > 1 {
			same = append(same, group)
		}
	}
	left := f.merge(Pixels, list, same)
	return slices.DeleteFunc(pairs, func(p pair) bool { return lost(list, left, int(p.a)) || lost(list, left, int(p.b)) }), nil
}

// lost tells whether i is in the first list and not in the second; both are ascending.
func lost(first, second []int, i int) bool {
	_, was := slices.BinarySearch(first, i)
	_, is := slices.BinarySearch(second, i)
	return was && !is
}

// tellCut says what is missing where there were too many pairs.
func (f *finder) tellCut(pairs []pair, cut bool) {
	if f.report.Counts.Cut = cut; cut {
		f.report.note(fmt.Sprintf("there are more than %d pairs: only the most similar were looked at, down to a similarity of %.4f",
			maxPairs, pairs[len(pairs)-1].similarity))
	}
}
