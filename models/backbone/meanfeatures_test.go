package backbone

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/resize"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestMeanFeatures: they are the mean of what the views are pooled to, of an image, that image at another size, and the mirror images of
// both; with both mirror images the same for an image and its own.
func TestMeanFeatures(t *testing.T) {
	dev := kernels.CPU()
	for _, n := range smallNetworks(t) {
		t.Run(n.Name, func(t *testing.T) {
			size, also := max(32, n.MinSize), max(48, n.MinSize+16)
			if n.Step > 1 {
				also = size + n.Step
			}
			store, arena := layer.NewStore(dev, kernels.Float32, 7), tape.NewArena(dev)
			pool := func(x *kernels.Array, features func(s *layer.Scope, images *tape.Var) *tape.Var) []float64 {
				tp := tape.New(dev, kernels.Float32, false)
				y := features(layer.NewScope(tp, store), tp.Input(x))
				arena.Poison()
				tp.Compile(arena, nil, y).Forward()
				return parity.Numbers(y.Value())
			}
			plain := func(s *layer.Scope, images *tape.Var) *tape.Var {
				_, pooled := n.Features(s, images)
				return pooled
			}
			x := optest.Uniform(dev, kernels.Float32, 1, 0, 1, 3, size, size, 3)
			turned := dev.New(kernels.Float32, 3, size, size, 3)
			augment.Mirror(turned, x)
			one, other := pool(x, plain), pool(turned, plain)
			if apart(one, other) < 1e-6 {
				t.Fatal("mirror images have the same features")
			}
			large, largeTurned := dev.New(kernels.Float32, 3, also, also, 3), dev.New(kernels.Float32, 3, also, also, 3)
			resize.Bilinear(large, x)
			augment.Mirror(largeTurned, large)
			onLarge, onLargeTurned := pool(large, plain), pool(largeTurned, plain)
			if apart(one, onLarge) < 1e-6 {
				t.Fatal("images of two sizes have the same features")
			}
			itself, mirrored, larger, largerMirrored := View{Size: size}, View{size, true}, View{Size: also}, View{also, true}
			for _, c := range []struct {
				images *kernels.Array
				views  []View
				want   []float64
			}{
				{x, []View{itself}, one},
				{x, []View{mirrored}, other},
				{x, []View{itself, mirrored}, mean(one, other)},
				{turned, []View{itself, mirrored}, mean(one, other)},
				{x, []View{larger}, onLarge},
				{x, []View{itself, larger}, mean(one, onLarge)},
				{x, []View{itself, largerMirrored}, mean(one, onLargeTurned)},
				{x, []View{itself, mirrored, larger, largerMirrored}, mean(one, other, onLarge, onLargeTurned)},
			} {
				got := pool(c.images, func(s *layer.Scope, images *tape.Var) *tape.Var { return n.MeanFeatures(s, images, c.views...) })
				// An image has the same bytes in any batch, so that only the mean's additions, a rounding each, may differ; at the other
				// size also the pixels, which are resized after the normalisation here and before it in want.
				within := 0x1p-22
				if slices.ContainsFunc(c.views, func(v View) bool { return v.Size == also }) {
					within = 2e-6
				}
				if off := apart(got, c.want); !(off < within) {
					t.Errorf("views %v: features are off by %g", c.views, off)
				}
			}
		})
	}
}

// mean is that of each place of the lists.
func mean(lists ...[]float64) []float64 {
	sum := make([]float64, len(lists[0]))
	for _, list := range lists {
		for i, v := range list {
			sum[i] += v / float64(len(lists))
		}
	}
	return sum
}
