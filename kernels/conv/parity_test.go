package conv

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/cgo/cudnn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// deviceShapes are beyond shapes: the edges of the GPU's tiles of 128 or 64 pixels and 64 filters, channels that are and
// are not multiples of 4, a stride larger than the kernel, sums that are split, one pixel, and many.
var deviceShapes = []shape{
	{1, 8, 16, 4, 64, 3, 3, 1, 1},
	{1, 3, 43, 8, 65, 3, 3, 1, 1},
	{1, 1, 127, 5, 63, 1, 1, 1, 0},
	{2, 9, 9, 4, 8, 2, 2, 3, 0},
	{3, 12, 12, 12, 20, 5, 5, 2, 2},
	{1, 3, 4, 65, 4, 3, 3, 1, 1},
	{2, 4, 4, 0, 3, 1, 1, 1, 0},
	{2, 2, 2, 3, 5, 3, 3, 1, 0},
	{1, 65537, 1, 1, 2, 1, 1, 1, 0},
	{1, 1, 1, 3, 8, 1, 1, 1, 0},
	{1, 20, 31, 1, 36, 1, 1, 1, 0},
}

// tensors are x, w, b and dy.
func (s shape) tensors() (x, w, b, dy parity.Tensor) {
	x = parity.Floats(1, -1, 1, s.n, s.h, s.w, s.c)
	w = parity.Floats(2, -1, 1, s.o, s.kh, s.kw, s.c)
	b = parity.Floats(3, -1, 1, s.o)
	dy = parity.Floats(4, -1, 1, s.n, s.spec().OutSize(s.h, s.kh), s.spec().OutSize(s.w, s.kw), s.o)
	return x, w, b, dy
}

// pixels is the number of output pixels, work that of multiplications of a pass.
func (s shape) pixels() int { return s.n * s.spec().OutSize(s.h, s.kh) * s.spec().OutSize(s.w, s.kw) }
func (s shape) work() int   { return s.pixels() * s.o * s.kh * s.kw * s.c }

func (s shape) relu() Spec { return Spec{Stride: s.stride, Pad: s.pad, ReLU: true} }

func like(x parity.Tensor) parity.Tensor { return parity.Output(x.Type, x.Shape...) }

// TestParity has the contracts' bounds, (terms+16) eps, of the largest element: the excess of sum |w x| over that, the
// signs of random rounding errors make up for.
func TestParity(t *testing.T) {
	var cases []parity.Case
	for _, s := range append(deviceShapes, shapes...) {
		// The emulator is slow, and large shapes differ in their number of tiles alone.
		if s.work() < 10_000_000 {
			cases = append(cases, fusedCases(s)...)
		}
		if s.work() < 100_000 && s.n*s.h*s.w < 10_000 {
			cases = append(cases, plainCases(s)...)
		}
	}
	parity.Run(t, append(cases, awkwardCases()...)...)
}

// plainCases are cases without the optional parts.
func plainCases(s shape) []parity.Case {
	x, w, b, dy := s.tensors()
	return []parity.Case{{
		Name: fmt.Sprint("forward alone/", s), Bound: bound(kernels.Float32, s.kh*s.kw*s.c),
		In: []parity.Tensor{x, w}, Out: []parity.Tensor{like(dy)},
		Run: func(out, in []*kernels.Array) { Forward(out[0], in[0], in[1], nil, s.spec()) },
	}, {
		Name: fmt.Sprint("weights alone/", s), Bound: bound(kernels.Float32, s.pixels()),
		In: []parity.Tensor{x, dy}, Out: []parity.Tensor{like(w), like(b)},
		Run: func(out, in []*kernels.Array) {
			BackwardWeights(out[0], nil, in[0], in[1], nil, s.spec())
			BackwardWeights(nil, out[1], in[0], in[1], nil, s.spec())
		},
	}, {
		Name: fmt.Sprint("mask alone/", s), In: []parity.Tensor{x, outputs(dy)}, Out: []parity.Tensor{dy},
		Run: func(out, in []*kernels.Array) { BackwardWeights(nil, nil, in[0], out[0], in[1], s.relu()) },
	}}
}

func fusedCases(s shape) []parity.Case {
	x, w, b, dy := s.tensors()
	large := s.work() > 100_000 || s.n*s.h*s.w > 10_000
	return []parity.Case{{
		Name: fmt.Sprint("forward/", s), Bound: bound(kernels.Float32, s.kh*s.kw*s.c+1), Large: large,
		In: []parity.Tensor{x, w, b}, Out: []parity.Tensor{like(dy)},
		Run: func(out, in []*kernels.Array) { Forward(out[0], in[0], in[1], in[2], s.relu()) },
	}, {
		// The second gradient is added to the first, which rounds once more.
		Name: fmt.Sprint("data/", s), Bound: bound(kernels.Float32, s.kh*s.kw*s.o+1), Large: large,
		In: []parity.Tensor{dy, w}, Out: []parity.Tensor{like(x), parity.Floats(5, -1, 1, x.Shape...)},
		Run: func(out, in []*kernels.Array) {
			BackwardData(out[0], in[0], in[1], s.spec(), false)
			BackwardData(out[1], in[0], in[1], s.spec(), true)
		},
	}, {
		Name: fmt.Sprint("weights/", s), Bound: bound(kernels.Float32, s.pixels()), Large: large,
		In: []parity.Tensor{x, outputs(dy)}, Out: []parity.Tensor{like(w), like(b), dy},
		Run: func(out, in []*kernels.Array) { BackwardWeights(out[0], out[1], in[0], out[2], in[1], s.relu()) },
	}}
}

// outputs are possible outputs of a ReLU: many zeros, numbers above them, an infinity, and a NaN, which is not 0.
func outputs(dy parity.Tensor) parity.Tensor {
	y := parity.Floats(6, -1, 1, dy.Shape...)
	at := y.At
	y.At = func(i int) float64 { return max(0, at(i)) }
	return y.With(map[int]float64{0: math.NaN(), 5: math.Inf(1)})
}

// TestParityStored: maps of bfloat16, to which results that are maps are rounded. cuDNN rounds y before the bias too, and dw.
func TestParityStored(t *testing.T) {
	var cases []parity.Case
	add := func(c parity.Case, roundings float64, in, out []int) {
		cases = append(cases, c.StoredTimes(roundings, in, out))
	}
	y, dw := 1.0, 0.0
	if cudnn.Problem() == "" {
		y, dw = 2, 1
	}
	for _, s := range append(deviceShapes, shapes...) {
		if s.work() < 10_000_000 {
			fused := fusedCases(s)
			add(fused[0], y, []int{0, 1}, []int{0})
			add(fused[1], 1, []int{0, 1}, []int{0, 1})
			add(fused[2], dw, []int{0, 1}, []int{2})
		}
		if s.work() < 100_000 && s.n*s.h*s.w < 10_000 {
			plain := plainCases(s)
			add(plain[0], 1, []int{0, 1}, []int{0})
			add(plain[1], dw, []int{0, 1}, nil)
			add(plain[2], 0, []int{0, 1}, []int{0})
		}
	}
	awkward := awkwardCases()
	add(awkward[0], y, []int{0, 1}, []int{0})
	add(awkward[1], 1, []int{0, 1, 2}, []int{0})
	add(awkward[2], y, []int{0, 1, 3}, []int{0, 1})
	add(awkward[3], 0, []int{0, 1}, []int{0, 1})
	parity.Run(t, cases...)
}

// awkwardCases have pixels that are not finite, and arrays that start on no multiple of 16 bytes.
func awkwardCases() []parity.Case {
	s := shape{2, 9, 9, 4, 16, 3, 3, 1, 1}
	x, w, b, dy := s.tensors()
	// Inside the image, where no zero of the padding meets them: 0 times NaN may be left out.
	inside := map[int]float64{(4*9+4)*16 + 3: math.NaN(), (9*9+2*9+6)*16 + 5: math.Inf(1)}
	longer := func(x parity.Tensor, by int) parity.Tensor {
		n := by
		for i, size := range x.Shape {
			if i == 0 {
				n = size
			} else {
				n *= size
			}
		}
		x.Shape = []int{n + by}
		return x
	}
	return []parity.Case{{
		Name: "not finite/forward", Bound: bound(kernels.Float32, 37),
		In: []parity.Tensor{x.Awkward(), w, b}, Out: []parity.Tensor{like(dy)},
		Run: func(out, in []*kernels.Array) { Forward(out[0], in[0], in[1], in[2], s.relu()) },
	}, {
		Name: "not finite/backward", Bound: bound(kernels.Float32, 162),
		In: []parity.Tensor{x, w, dy.With(inside)}, Out: []parity.Tensor{like(x), like(w), like(b)},
		Run: func(out, in []*kernels.Array) {
			BackwardData(out[0], in[2], in[1], s.spec(), false)
			BackwardWeights(out[1], out[2], in[0], in[2], nil, s.spec())
		},
	}, {
		Name: "unaligned", Bound: bound(kernels.Float32, 162),
		In:  []parity.Tensor{longer(x, 1), longer(w, 2), longer(b, 3), longer(dy, 1)},
		Out: []parity.Tensor{longer(dy, 3), longer(x, 2), longer(w, 1), longer(b, 1)},
		Run: func(out, in []*kernels.Array) {
			x, w, b, dy := in[0].View(1, x.Shape...), in[1].View(2, w.Shape...), in[2].View(3, b.Shape...), in[3].View(1, dy.Shape...)
			y, dx, dw, db := out[0].View(3, dy.Shape()...), out[1].View(2, x.Shape()...), out[2].View(1, w.Shape()...),
				out[3].View(1, b.Shape()...)
			Forward(y, x, w, b, s.relu())
			BackwardData(dx, dy, w, s.spec(), false)
			BackwardWeights(dw, db, x, dy, nil, s.spec())
		},
	}, {
		Name: "unaligned mask", Bound: bound(kernels.Float32, 162),
		In: []parity.Tensor{x, longer(outputs(dy), 1)}, Out: []parity.Tensor{longer(dy, 2), longer(dy, 4), longer(b, 3)},
		Run: func(out, in []*kernels.Array) {
			y := in[1].View(1, dy.Shape...)
			BackwardWeights(nil, out[2].View(3, b.Shape...), in[0], out[0].View(2, dy.Shape...), y, s.relu())
			BackwardWeights(nil, nil, in[0], out[1].View(4, dy.Shape...), y, s.relu())
		},
	}}
}

// TestOtherBackend runs the cases with the backend that TestParity did not use: the own kernels where cuDNN is installed, its stand-in
// on the emulated device otherwise.
func TestOtherBackend(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		if cudnn.Problem() == "" {
			parity.Again(t, "^TestParity(Stored)?$", cudnn.OffVariable+"=1")
			return
		}
		if !parity.Emulated(t) {
			parity.LeaveOut(t, "there is no cuDNN, and its stand-in runs on the emulated device alone")
		}
		parity.Again(t, "^TestParity(Stored)?$", cudnn.FileVariable+"="+parity.StandIn(t, "libcudnn.so.9"), cudnn.OffVariable+"=")
	})
}
