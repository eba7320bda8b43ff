package method

import (
	"context"
	"slices"
	"testing"
)

// TestLabelledPlan: every image is first once, beside another image of its class where there is one; so many of a class follow each other,
// and another epoch shows other pairs.
func TestLabelledPlan(t *testing.T) {
	labels := []int32{5, 5, 5, 5, 2, 2, 9, 5, 2}
	order := []int32{8, 3, 0, 6, 1, 4, 7, 2, 5}
	e := Epoch{Number: 1, Seed: 3, Images: len(labels), Order: order, Labels: labels}
	plan, err := labelled{together: 2}.Plan(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{8, 4, 3, 0, 6, 1, 7, 2, 5}; !slices.Equal(plan.First, want) {
		t.Errorf("first views show %v, want %v", plan.First, want)
	}
	for row, image := range plan.First {
		other := plan.Second[row]
		if labels[other] != labels[image] || (other == image) != (labels[image] == 9) {
			t.Errorf("image %d of class %d is beside %d of class %d", image, labels[image], other, labels[other])
		}
	}
	single, _ := labelled{together: 1}.Plan(context.Background(), e)
	if !slices.Equal(single.First, order) {
		t.Errorf("one by one: %v, want %v", single.First, order)
	}
	seen := map[int32]bool{}
	for e.Number = 1; e.Number <= 40; e.Number++ {
		next, _ := labelled{together: 1}.Plan(context.Background(), e)
		seen[next.Second[slices.Index(next.First, 0)]] = true
	}
	if len(seen) != 4 || seen[0] {
		t.Errorf("in 40 epochs image 0 of five in its class is beside %v", seen)
	}
	e.Labels = nil
	if _, err := (labelled{together: 2}).Plan(context.Background(), e); err == nil {
		t.Error("no error without labels")
	}
}
