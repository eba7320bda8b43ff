package criteria

import (
	"context"
	"math"
	"slices"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
)

// TestView: a view is a function of seed, image and number, of pixels from 0 to 1, and differs from another view and from the centre crop.
func TestView(t *testing.T) {
	s, err := data.Open(data.Demo(1), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := cache.Build(context.Background(), s.Split("train"), cache.Options{Size: 32, Channels: 1, RAM: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	draw := func(image int, view uint16, seed uint64) []float32 {
		dst := kernels.CPU().New(kernels.Float32, 1, 32, 32, 1)
		View(dst, c, image, view, seed, true)
		return kernels.Read[float32](dst)
	}
	first := draw(3, 1, 0)
	for _, v := range first {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("a pixel is %g", v)
		}
	}
	if !slices.Equal(first, draw(3, 1, 0)) {
		t.Error("the same view is another one")
	}
	for name, other := range map[string][]float32{"view": draw(3, 2, 0), "seed": draw(3, 1, 1), "image": draw(4, 1, 0)} {
		if slices.Equal(first, other) {
			t.Errorf("another %s gives the same view", name)
		}
	}
}

// TestEffect: a square of a third of the side is covered, wholly within the view, wherever it is, and the view is blurred as [1 2 1]/4 does
// it once for each 32 pixels of its side.
func TestEffect(t *testing.T) {
	for _, size := range []int{1, 12, 32, 224} {
		for _, w := range [][4]uint32{{}, {math.MaxUint32, math.MaxUint32}, {1 << 31, 1 << 30}} {
			e := effect(size, w)
			side := max(1, size/3)
			if b := e.Box; b.Width != side || b.Height != side || b.X < 0 || b.Y < 0 || b.X+side > size || b.Y+side > size {
				t.Errorf("%v of %d pixels: %v", w, size, b)
			}
			if variance := float64(max(1, size/32)) / 2; !(math.Abs(e.Sigma*e.Sigma-variance) <= 1e-12) {
				t.Errorf("%d pixels: sigma %g, want the root of %g", size, e.Sigma, variance)
			}
		}
	}
}
