package method

import (
	"context"
	"fmt"

	"udml-gpu/kernels/rng"
)

// labelled is what the methods that read true labels share: batches in which each row shows two images of one class.
type labelled struct {
	together int // rows of one class that follow each other
}

// ReadsLabels is LabelReader.ReadsLabels.
func (labelled) ReadsLabels() bool { return true }

// NeedsLabels is LabelNeeder.NeedsLabels: without labels of two classes there is nothing to learn.
func (labelled) NeedsLabels() bool { return true }

// Rows is Planner.Rows.
func (labelled) Rows(images, _ int) int { return images }

// Plan shows every image once as the first view; the second shows another image of its class, drawn by seed, epoch and image, or the image
// itself where it is the only one of its class.
func (l labelled) Plan(_ context.Context, e Epoch) (*Plan, error) {
	if len(e.Labels) != e.Images {
		return nil, fmt.Errorf("a method that reads labels has those of %d of %d images", len(e.Labels), e.Images)
	}
	first := l.order(e)
	second := make([]int32, len(first))
	members, place := map[int32][]int32{}, make([]int, e.Images)
	for image, label := range e.Labels {
		place[image] = len(members[label])
		members[label] = append(members[label], int32(image))
	}
	for row, image := range first {
		class := members[e.Labels[image]]
		if len(class) == 1 {
			second[row] = image
			continue
		}
		// One of the others: those from the image's own place on stand one further.
		word := rng.Key{Seed: e.Seed, Epoch: uint32(e.Number), Sample: uint32(image), Op: rng.OpNeighbour}.At(0)[0]
		at := int(uint64(word) * uint64(len(class)-1) >> 32)
		if at >= place[image] {
			at++
		}
		second[row] = class[at]
	}
	return &Plan{First: first, Second: second}, nil
}

// order is the epoch's order with so many images of one class together: each such group stands where its first image does.
func (l labelled) order(e Epoch) []int32 {
	groups := make([][]int32, 0, len(e.Order))
	open := map[int32]int{} // of a label, the group that has place
	for _, image := range e.Order {
		label := e.Labels[image]
		at, ok := open[label]
		if !ok || len(groups[at]) == l.together {
			at = len(groups)
			open[label] = at
			groups = append(groups, make([]int32, 0, l.together))
		}
		groups[at] = append(groups[at], image)
	}
	first := make([]int32, 0, len(e.Order))
	for _, g := range groups {
		first = append(first, g...)
	}
	return first
}
