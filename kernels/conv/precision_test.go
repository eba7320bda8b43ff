package conv

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// TestPrecision: rounding the factors makes the error that it must, and no larger one.
func TestPrecision(t *testing.T) {
	parity.AtPrecisions(t, func(t *testing.T, dev parity.Rounded) {
		for _, s := range []shape{{2, 7, 5, 3, 4, 3, 3, 1, 1}, {2, 9, 9, 4, 8, 3, 3, 2, 1}, {3, 5, 7, 4, 5, 1, 1, 1, 0}} {
			terms := max(s.kh*s.kw*max(s.c, s.o), s.pixels())
			for pass, worst := range worstErrors(t, dev.Device, s) {
				dev.Check(t, s.String()+" "+pass, worst, bound(kernels.Float32, terms), BackendOf)
			}
		}
	})
}

// worstErrors are the largest errors of each pass, each relative to the sum of the absolute products.
func worstErrors(t *testing.T, dev *kernels.Device, s shape) map[string]float64 {
	t.Helper()
	cpu := kernels.CPU()
	x, w, _, dy := s.arrays(cpu, kernels.Float32)
	exact, sizes := passesOf(s, x, w, dy), passesOf(s, absolute(x), absolute(w), absolute(dy))
	on := [3]*kernels.Array{x.To(dev), w.To(dev), dy.To(dev)}
	got := passesOf(s, on[0], on[1], on[2])
	worst := map[string]float64{}
	for name, a := range got {
		host := a.To(cpu)
		for i := range host.Len() {
			e := math.Abs(optest.Get(host, i)-optest.Get(exact[name], i)) / math.Max(optest.Get(sizes[name], i), 0x1p-100)
			worst[name] = math.Max(worst[name], e) // a NaN stays
		}
		a.Free()
	}
	for _, a := range on {
		a.Free()
	}
	if err := dev.Sync(); err != nil {
		t.Fatal(err)
	}
	return worst
}

// passesOf are the results of all passes, in float64 on the CPU.
func passesOf(s shape, x, w, dy *kernels.Array) map[string]*kernels.Array {
	if !x.Device().CUDA() {
		x, w, dy = optest.As(x, kernels.Float64), optest.As(w, kernels.Float64), optest.As(dy, kernels.Float64)
	}
	like := func(a *kernels.Array) *kernels.Array { return a.Device().New(a.DType(), a.Shape()...) }
	y, dx, dw := like(dy), like(x), like(w)
	Forward(y, x, w, nil, s.spec())
	BackwardData(dx, dy, w, s.spec(), false)
	BackwardWeights(dw, nil, x, dy, nil, s.spec())
	return map[string]*kernels.Array{"forward": y, "data": dx, "weights": dw}
}

func absolute(a *kernels.Array) *kernels.Array {
	out := optest.As(a, kernels.Float64)
	for i := range out.Len() {
		optest.Set(out, i, math.Abs(optest.Get(out, i)))
	}
	return out
}
