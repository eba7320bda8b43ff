package loader

import (
	"slices"

	"udml-gpu/kernels/augment"
)

// View is one of the random views in which a batch shows an image.
type View struct {
	Size   int // height and width
	Ranges augment.Ranges
}

// group is consecutive views of one size, which share an array.
type group struct{ lo, hi, size int }

func (g group) views() int { return g.hi - g.lo }

// changing says that something is done to the pixels of some of the views.
func changing(views []View) bool {
	return slices.ContainsFunc(views, func(v View) bool { return v.Ranges.Changing() })
}

func groupsOf(views []View) []group {
	var list []group
	for i, v := range views {
		if n := len(list); n > 0 && list[n-1].size == v.Size {
			list[n-1].hi = i + 1
			continue
		}
		list = append(list, group{i, i + 1, v.Size})
	}
	return list
}

// Sizes are the sizes of the arrays that a batch of these views fills, and the number of views in each.
func Sizes(views []View) (size, count []int) {
	for _, g := range groupsOf(views) {
		size, count = append(size, g.size), append(count, g.views())
	}
	return size, count
}
