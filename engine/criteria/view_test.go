package criteria

import (
	"context"
	"math"
	"slices"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
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

// TestBlur compares blur, once, with the sum of the nine weights at each pixel of three channels, the edge continued.
func TestBlur(t *testing.T) {
	size, channels := 9, 3
	x := make([]float32, size*size*channels)
	for i := range x {
		x[i] = rng.Uniform(rng.Key{Op: rng.OpBench}.At(uint32(i))[0])
	}
	got := slices.Clone(x)
	blur(got, size, channels)
	weight := [3]float64{0.25, 0.5, 0.25}
	inside := func(i int) int { return min(max(i, 0), size-1) }
	for i := range got {
		row, column, c, want := i/channels/size, i/channels%size, i%channels, 0.0
		for a := range 3 {
			for b := range 3 {
				want += weight[a] * weight[b] * float64(x[(inside(row+a-1)*size+inside(column+b-1))*channels+c])
			}
		}
		if !(math.Abs(float64(got[i])-want) <= 4*0x1p-24) { // two sums of numbers up to 1, each rounded twice
			t.Fatalf("pixel %d: %g, want %g", i, got[i], want)
		}
	}
}

// TestCover: a square of a third of the side takes the mean of each channel, wherever it is, and the rest stays.
func TestCover(t *testing.T) {
	size, channels := 12, 2
	for _, w := range [][4]uint32{{}, {math.MaxUint32, math.MaxUint32}, {1 << 31, 1 << 30}} {
		x := make([]float32, size*size*channels)
		for i := range x {
			x[i] = float32(i%channels) + float32(i/channels%2)
		}
		before := slices.Clone(x)
		cover(x, size, channels, w)
		changed := 0
		for i := range x {
			if x[i] != before[i] {
				changed++
				if want := float32(i%channels) + 0.5; x[i] != want {
					t.Fatalf("%v: number %d is %g, want %g", w, i, x[i], want)
				}
			}
		}
		if changed != (size/3)*(size/3)*channels {
			t.Errorf("%v: %d numbers are covered", w, changed)
		}
	}
}
