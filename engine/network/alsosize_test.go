package network

import (
	"context"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/resize"
)

// TestAlsoSize: with --also-size the pooled features are the mean of those at both sizes, with --also-mirrored of the mirror image at the
// second; while images have the size of training views, those of that size alone.
func TestAlsoSize(t *testing.T) {
	n := scratchNetwork(t, "squeezenet", 3, 48)
	mirrored, turned := false, false
	features := func(size, also, seen int) []float64 {
		n.Config.Size, n.Config.AlsoSize, n.Config.AlsoMirrored = size, also, mirrored
		n.version.size = seen
		n.forget()
		f, err := n.EmbedImages(context.Background(), 2, func(dst *kernels.Array, _ int) {
			x := n.Device.New(kernels.Float32, 2, 48, 48, 3)
			picture(x.Rows(0, 1), 1)
			picture(x.Rows(1, 2), 2)
			resize.Bilinear(dst, x)
			if turned {
				other := n.Device.New(kernels.Float32, dst.Shape()...)
				augment.Mirror(other, dst)
				dst.CopyFrom(other)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Free()
		return parity.Numbers(f.Pooled)
	}
	large := features(48, 0, 48)
	for _, other := range []bool{false, true} {
		turned, mirrored = other, false
		small := features(32, 0, 32)
		turned, mirrored = false, other
		both, apart := features(48, 32, 48), 0.0
		for i := range both {
			want := (large[i] + small[i]) / 2
			if !(math.Abs(both[i]-want) <= 1e-5*math.Abs(want)+1e-6) {
				t.Fatalf("mirrored %v: feature %d is %g, want the mean %g of %g and %g", mirrored, i, both[i], want, large[i], small[i])
			}
			apart = max(apart, math.Abs(large[i]-small[i]))
		}
		if apart < 1e-3 {
			t.Errorf("features of both sizes differ by %g at most: the test shows nothing", apart)
		}
	}
	if !slices.Equal(features(48, 32, 40), features(40, 0, 40)) {
		t.Error("at the size of training views the features are not those of this size alone")
	}
}
