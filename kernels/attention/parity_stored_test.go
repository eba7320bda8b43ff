package attention

import (
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
