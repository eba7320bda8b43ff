package attention

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// answer is y and lse in float64, of operands that are rounded to bfloat16. A y that Forward rounds to another neighbour than in float64
// would have other gradients.
func (l layout) answer(operands tensors) (y, lse parity.Tensor) {
	var in arrays
	for _, x := range operands {
		a := kernels.CPU().New(kernels.Float64, x.Shape...)
		for i := range a.Len() {
			kernels.Data[float64](a)[i] = float64(bfloat.Float(bfloat.Of(float32(x.At(i)))))
		}
		in = append(in, a)
	}
	q, k, v := l.operands(in)
	outs, sums := l.results(kernels.Float64)
	Forward(outs, sums, q, k, v, l.spec())
	tensor := func(a *kernels.Array) parity.Tensor {
		return parity.Values(kernels.Float32, kernels.Data[float64](a), a.Shape()...)
	}
	return tensor(outs), tensor(sums)
}

// TestStoredIsRounded: on the CPU the log sums have the bits that the same numbers give in float32, and y and the gradients are those of
// float32, rounded once.
func TestStoredIsRounded(t *testing.T) {
	for _, s := range shapes {
		if s.images == 0 {
			continue
		}
		dev := kernels.CPU()
		in := arrays{s.brain(dev, 1, s.queries, s.width()), s.brain(dev, 2, s.keys, 2*s.width()+1), s.brain(dev, 3, s.queries, s.width())}
		got := s.gradients(in, nil)
		want := s.gradients(arrays{parity.Single(in[0]), parity.Single(in[1]), parity.Single(in[2])}, parity.Single(got[0]))
		for i, rounded := range got {
			w := want[i]
			if rounded.DType() == kernels.BFloat16 {
				w = like(rounded)
				bfloat.Pack(w, want[i])
			}
			if !slices.Equal(parity.Numbers(rounded), parity.Numbers(w)) {
				t.Errorf("%v: output %d has other bits", s, i)
			}
		}
	}
}

// brain are numbers of bfloat16, [N,rows,width].
func (s shape) brain(dev *kernels.Device, seed uint64, rows, width int) *kernels.Array {
	x := dev.New(kernels.BFloat16, s.images, rows, width)
	bfloat.Pack(x, optest.Uniform(dev, kernels.Float32, seed, -s.reach, s.reach, s.images, rows, width))
	return x
}

// gradients are y, lse, dq, and dk and dv of q, of k and v, and of dy; the gradients with the y that is given, or the one that comes.
func (s shape) gradients(in arrays, y *kernels.Array) arrays {
	own, lse := like(in[0]), in[0].Device().New(kernels.Float32, s.images, s.heads, s.queries)
	s.forward(own, lse, in)
	if y == nil {
		y = own
	}
	q, k, v := layout{shape: s}.operands(in)
	dq, dkv := like(in[0]), like(in[1])
	dk, dv := s.keysAndValues(dkv)
	Backward(Operand{Array: dq}, dk, dv, in[2], y, lse, q, k, v, s.spec())
	return arrays{own, lse, dq, dkv}
}

func like(a *kernels.Array) *kernels.Array { return a.Device().New(a.DType(), a.Shape()...) }

// TestStoredRefuses: operands and results of a call are of one type, and lse is never bfloat16. The op says so.
func TestStoredRefuses(t *testing.T) {
	dev, s := kernels.CPU(), Spec{Heads: 2}
	array := func(d kernels.DType, shape ...int) *kernels.Array { return dev.New(d, shape...) }
	f32, b16 := kernels.Float32, kernels.BFloat16
	x, y, dx, lse := array(b16, 1, 3, 12), array(b16, 1, 3, 4), array(b16, 1, 3, 12), array(f32, 1, 2, 3)
	q, k, v := Operand{x, 0}, Operand{x, 4}, Operand{x, 8}
	dq, dk, dv := Operand{dx, 0}, Operand{dx, 4}, Operand{dx, 8}
	Forward(y, lse, q, k, v, s)
	Backward(dq, dk, dv, y, y, lse, q, k, v, s)
	single, other, sums := array(f32, 1, 3, 4), Operand{array(f32, 1, 3, 4), 0}, array(b16, 1, 2, 3)
	for _, c := range []struct {
		op, what string
		call     func()
	}{
		{"Forward", "y in float32", func() { Forward(single, lse, q, k, v, s) }},
		{"Forward", "lse in bfloat16", func() { Forward(y, sums, q, k, v, s) }},
		{"Forward", "k in float32", func() { Forward(y, lse, q, other, v, s) }},
		{"Backward", "dv in float32", func() { Backward(dq, dk, other, y, y, lse, q, k, v, s) }},
		{"Backward", "dy in float32", func() { Backward(dq, dk, dv, single, y, lse, q, k, v, s) }},
		{"Backward", "lse in bfloat16", func() { Backward(dq, dk, dv, y, y, sums, q, k, v, s) }},
	} {
		optest.Refuses(t, "attention."+c.op+": ", c.what, c.call)
	}
}
