package kernels_test

import (
	"testing"

	"udml-gpu/kernels"
)

// TestAdjacent: rows of one array in their order are one array again; in another order, with a gap, or of two arrays they are none.
func TestAdjacent(t *testing.T) {
	dev := kernels.CPU()
	a := kernels.Of(dev, []float32{1, 2, 3, 4, 5, 6}, 3, 2)
	all := kernels.Adjacent(a.Rows(0, 1), a.Rows(1, 3))
	if all == nil || all.Len() != 6 || kernels.Data[float32](all)[5] != 6 {
		t.Errorf("rows of %v are %v", a, all)
	}
	if one := kernels.Adjacent(a.Rows(1, 2)); one == nil || kernels.Data[float32](one)[0] != 3 {
		t.Errorf("a row is %v", one)
	}
	for name, list := range map[string][]*kernels.Array{
		"none": {}, "backwards": {a.Rows(1, 2), a.Rows(0, 1)}, "a gap": {a.Rows(0, 1), a.Rows(2, 3)}, "twice": {a, a},
		"two arrays": {a, dev.New(kernels.Float32, 2)}, "two types": {a.Rows(0, 1), a.Carve(kernels.Int32, 8, 2)},
		"outlines": {dev.Outline(kernels.Float32, 2), dev.Outline(kernels.Float32, 2)},
	} {
		if got := kernels.Adjacent(list...); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
