package layer_test

import (
	"fmt"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// splits are batches in several views, and how many images each part of them has.
var splits = []struct {
	views int
	parts []int
}{{1, []int{3}}, {2, []int{2, 1}}, {2, []int{1, 1, 3}}, {3, []int{2, 2}}}

// TestImagesOfABatch: each part has the rows that a loop over views, images and elements finds, and joined they are the batch again.
func TestImagesOfABatch(t *testing.T) {
	const width = 5
	for _, c := range splits {
		dev, batch := kernels.CPU(), 0
		for _, n := range c.parts {
			batch += n
		}
		x := optest.Uniform(dev, kernels.Float64, 3, 0, 1, c.views*batch, 1, width)
		tp := tape.New(dev, kernels.Float64, true)
		s, first := layer.NewScope(tp, layer.NewStore(dev, kernels.Float64, 1)), 0
		var parts []*tape.Var
		for _, n := range c.parts {
			parts = append(parts, layer.TakeImages(s, tp.Input(x), batch, first, first+n))
			first += n
		}
		joined := layer.JoinImages(s, c.views, parts...)
		arena := tape.NewArena(dev)
		arena.Poison()
		tp.Compile(arena, nil, append(parts, joined)...).Forward()
		if !slices.Equal(kernels.Data[float64](joined.Value()), kernels.Data[float64](x)) {
			t.Errorf("%v images in %d views are not put back where they were", c.parts, c.views)
		}
		first = 0
		for i, n := range c.parts {
			var want []float64
			for v := range c.views {
				for image := first; image < first+n; image++ {
					for e := range width {
						want = append(want, kernels.Data[float64](x)[(v*batch+image)*width+e])
					}
				}
			}
			if got := kernels.Data[float64](parts[i].Value()); !slices.Equal(got, want) {
				t.Errorf("%v images in %d views: part %d is %v, want %v", c.parts, c.views, i, got, want)
			}
			first += n
		}
	}
}

// TestJoinImagesGradient compares the gradient of every part with finite differences.
func TestJoinImagesGradient(t *testing.T) {
	for _, c := range splits {
		shape := func(i int) []int { return []int{c.views * c.parts[i], 2, 3} }
		checkGradients(t, fmt.Sprint(c), shape(0), func(s *layer.Scope, x *tape.Var) *tape.Var {
			parts := []*tape.Var{x}
			for i := 1; i < len(c.parts); i++ {
				parts = append(parts, layer.Parameter(s, fmt.Sprint("part", i), 1, shape(i)...))
			}
			return layer.JoinImages(s, c.views, parts...)
		})
	}
}
