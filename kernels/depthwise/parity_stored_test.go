package depthwise

import (
	"bytes"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// TestParityStored: maps and filters of bfloat16, to which results that are maps are rounded. cuDNN rounds y before the bias too, and dw.
func TestParityStored(t *testing.T) {
	var cases []parity.Case
	add := func(c parity.Case, roundings float64, in, out []int) {
		cases = append(cases, c.StoredTimes(roundings, in, out))
	}
	y, dw := 1.0, 0.0
	if asked() {
		y, dw = 2, 1
	}
	for _, s := range append(deviceShapes, shapes...) {
		of := s.cases()
		add(of[0], y, []int{0, 1}, []int{0, 1})
		add(of[1], 1, []int{0, 1}, []int{0, 1})
		add(of[2], dw, []int{0, 1}, nil)
	}
	awkward := awkwardCases()
	add(awkward[0], y, []int{0, 1}, []int{0})
	add(awkward[1], 1, []int{0, 1, 2}, []int{0})
	add(unalignedCase(), y, []int{0, 1, 3}, []int{0, 1})
	parity.Run(t, cases...)
}

// TestStoredIsRounded: the gradients of parameters have the bits that the same numbers give in float32, since sums go the same way, and
// maps, one that is added to among them, are those of float32, rounded once. cuDNN rounds dw, and y twice: where it was asked for, this is
// of the shapes that it does not take.
func TestStoredIsRounded(t *testing.T) {
	for _, s := range append(deviceShapes, shapes...) {
		if !asked() || !s.even() {
			parity.Run(t, s.storedCase())
		}
	}
}

// even is geometry's.
func (s shape) even() bool {
	out := s.out()
	g := geometry{h: s.h, w: s.w, oh: out[1], ow: out[2], kh: s.kh, kw: s.kw, stride: s.stride, before: s.before}
	return g.even()
}

// storedCase has the results of both types; those of maps beside those of float32, rounded.
func (s shape) storedCase() parity.Case {
	x, w, b, dy := s.tensors()
	one := tensors{like(dy), like(x), parity.Floats(5, -1, 1, x.Shape...), like(w), like(b)}
	return parity.Case{
		Name: s.String(), Large: s.work() > 100_000 || s.n > 10_000, In: tensors{x, w, dy, b}, Out: append(one, one...),
		Run: func(out, in arrays) {
			if in[0].DType() != kernels.BFloat16 {
				return
			}
			s.all(out[:5], in)
			wide := arrays{3: in[3]}
			for i, from := range in[:3] {
				wide[i] = parity.Single(from)
				defer wide[i].Free()
			}
			to := arrays{3: out[8], 4: out[9]}
			for i, from := range out[5:8] {
				to[i] = parity.Single(from)
				defer to[i].Free()
			}
			s.all(to, wide)
			for i, from := range to[:3] {
				bfloat.Pack(out[5+i], from)
			}
		},
		Check: func(t testing.TB, _, _, got arrays) {
			raw := func(a *kernels.Array) []byte { return kernels.Data[uint8](a.Carve(kernels.Uint8, 0, a.Bytes())) }
			for i := range 5 {
				if !bytes.Equal(raw(got[i]), raw(got[5+i])) {
					t.Errorf("output %d has other bits", i)
				}
			}
		},
	}.Stored([]int{0, 1, 2}, []int{0, 1, 2, 5, 6, 7})
}

// all computes y, dx, dx added, dw and db from x, w, dy and b.
func (s shape) all(out, in arrays) {
	Forward(out[0], in[0], in[1], in[3], s.spec())
	BackwardData(out[1], in[2], in[1], s.spec(), false)
	BackwardData(out[2], in[2], in[1], s.spec(), true)
	BackwardWeights(out[3], out[4], in[0], in[2], s.spec())
}

// TestStoredRefuses: maps and filters of a call are of one type, and what is summed for parameters is never bfloat16. The op says so.
func TestStoredRefuses(t *testing.T) {
	dev, spec := kernels.CPU(), Spec{Stride: 1}
	array := func(d kernels.DType, shape ...int) *kernels.Array { return dev.New(d, shape...) }
	f32, b16 := kernels.Float32, kernels.BFloat16
	x, single, w, filters := array(b16, 1, 2, 2, 3), array(f32, 1, 2, 2, 3), array(b16, 3, 1, 1, 1), array(f32, 3, 1, 1, 1)
	b, bias := array(b16, 3), array(f32, 3)
	Forward(x, x, w, bias, spec)
	BackwardData(x, x, w, spec, false)
	BackwardWeights(filters, bias, x, x, spec)
	for _, c := range []struct {
		op, what string
		call     func()
	}{
		{"Forward", "y in float32", func() { Forward(single, x, w, bias, spec) }},
		{"Forward", "w in float32", func() { Forward(x, x, filters, bias, spec) }},
		{"Forward", "b in bfloat16", func() { Forward(x, x, w, b, spec) }},
		{"BackwardData", "dx in float32", func() { BackwardData(single, x, w, spec, false) }},
		{"BackwardData", "w in float32", func() { BackwardData(x, x, filters, spec, false) }},
		{"BackwardWeights", "dw in bfloat16", func() { BackwardWeights(w, bias, x, x, spec) }},
		{"BackwardWeights", "db in bfloat16", func() { BackwardWeights(nil, b, x, x, spec) }},
		{"BackwardWeights", "x in float32", func() { BackwardWeights(filters, bias, single, x, spec) }},
	} {
		optest.Refuses(t, "depthwise."+c.op+": ", c.what, c.call)
	}
}
