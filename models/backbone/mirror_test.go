package backbone

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestMirrorFeatures: they are the mean of what an image and its mirror image are pooled to, and the same for both.
func TestMirrorFeatures(t *testing.T) {
	dev := kernels.CPU()
	for _, n := range smallNetworks(t) {
		t.Run(n.Name, func(t *testing.T) {
			size := max(32, n.MinSize)
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
			want := make([]float64, len(one))
			for i := range want {
				want[i] = (one[i] + other[i]) / 2
			}
			// Each image has the same bytes in any batch, so that only the mean's additions, a rounding each, may differ.
			for _, images := range []*kernels.Array{x, turned} {
				if off := apart(pool(images, n.MirrorFeatures), want); !(off < 0x1p-22) {
					t.Errorf("features are off by %g", off)
				}
			}
		})
	}
}
