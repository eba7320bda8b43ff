package backbone

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

func TestInput(t *testing.T) {
	for _, c := range []struct {
		net      Network
		channels int
		white    float64
		bgr      bool
		mean     []float64
		std      []float64
	}{
		{conv4, 1, 1, false, []float64{0}, []float64{1}},
		{conv4, 3, 255, true, []float64{0, 0, 0}, []float64{255, 255, 255}},
		{squeezeNet, 3, 255, false, []float64{123, 117, 104}, []float64{1, 1, 1}},
		{squeezeNet, 3, 255, true, []float64{104, 117, 123}, []float64{1, 1, 1}},
		{squeezeNet, 3, 1, false, []float64{123. / 255, 117. / 255, 104. / 255}, []float64{1. / 255, 1. / 255, 1. / 255}},
		{resNet18, 3, 1, false, imageNetMean, imageNetStd},
		{googLeNet, 3, 255, true, []float64{127.5, 127.5, 127.5}, []float64{127.5, 127.5, 127.5}},
		{
			Network{Range: 255, BGR: true, Mean: []float64{104, 117, 128}, Std: []float64{1, 2, 3}},
			3, 255, false,
			[]float64{128, 117, 104},
			[]float64{3, 2, 1},
		},
	} {
		mean, std := c.net.Input(c.channels, c.white, c.bgr)
		if !near(mean, c.mean) || !near(std, c.std) {
			t.Errorf("%s, %d channels to %g, BGR %t: mean %v, std %v; want %v, %v", c.net.Name, c.channels, c.white, c.bgr, mean, std,
				c.mean, c.std)
		}
	}
}

// near allows for the rounding of one product.
func near(got, want []float64) bool {
	return slices.EqualFunc(got, want, func(g, w float64) bool { return math.Abs(g-w) <= 1e-15*math.Abs(w) })
}

// TestBGR: a network of reversed channels computes the same as the network without, given the reversed image.
func TestBGR(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		net := conv4
		net.Mean, net.Std, net.Range = []float64{0.1, 0.5, 0.7}, []float64{0.2, 0.3, 0.4}, 1
		bgr := net
		bgr.BGR = true
		pixels := kernels.Read[float32](optest.Uniform(kernels.CPU(), kernels.Float32, 3, 0, 1, 2, 8, 8, 3))
		reversed := slices.Clone(pixels)
		for i := 0; i < len(reversed); i += 3 {
			slices.Reverse(reversed[i : i+3])
		}
		store := layer.NewStore(dev, kernels.Float32, 0)
		see := func(n Network, pixels []float32) []float64 {
			tp, arena := tape.New(dev, kernels.Float32, false), tape.NewArena(dev)
			images := kernels.Of(dev, pixels, 2, 8, 8, 3)
			fmap, _ := n.Features(layer.NewScope(tp, store), tp.Input(images))
			tp.Compile(arena, nil, fmap).Forward()
			out := floats(fmap.Value())
			arena.Free()
			images.Free()
			return out
		}
		want := see(net, pixels)
		if got := see(bgr, reversed); !slices.Equal(got, want) {
			t.Errorf("%s: reversed channels of a reversed image give another map", dev.Name())
		}
		if slices.Equal(see(bgr, pixels), want) {
			t.Errorf("%s: BGR changes nothing", dev.Name())
		}
		store.Free()
	}
}
