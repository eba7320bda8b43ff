package attention

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/parity"
)

// stored is the case with those inputs and outputs in bfloat16. What is float32 keeps its bound: an op reads the same numbers in either.
func stored(c parity.Case, in, out []int) parity.Case {
	bound := c.Bound
	c.Check = func(t testing.TB, _, want, got arrays) {
		for i := range want {
			if off := bound; got[i].DType() == kernels.BFloat16 {
				parity.Near(t, i, got[i], want[i], off*(1+parity.StoredBound)+parity.StoredBound)
			} else {
				parity.Near(t, i, got[i], want[i], off)
			}
		}
	}
	return c.Stored(in, out)
}

// TestParityStored: operands and results of bfloat16, at the bounds of float32 and one rounding.
func TestParityStored(t *testing.T) {
	for _, s := range shapes {
		parity.Run(t, stored(s.forwardCase(), []int{0, 1}, []int{0}), stored(s.gradientCase(), []int{0, 1, 2, 3}, []int{0, 1}))
	}
	parity.Run(t, stored(aloneCase(), []int{0, 1, 2, 3}, []int{0, 1, 2}), stored(nanCase(), []int{0, 1}, []int{0}))
}

// gradientCase is Backward of y and lse that it is given, those of its other inputs rounded to bfloat16. A y that Forward rounds to another
// neighbour than in float64 would have other gradients.
func (s shape) gradientCase() parity.Case {
	y, lse := s.answer()
	in := append(s.in(), floats(3, 1, s.images, s.queries, s.width()), y, lse)
	return parity.Case{
		Name: "gradients/" + s.String(), Large: s.large(), Bound: s.backwardBound(), In: in,
		Out: tensors{output(s.images, s.queries, s.width()), output(s.images, s.keys, 2*s.width()+1)},
		Run: func(out, in arrays) { s.backward(out[0], out[1], in) },
	}
}

// answer is y and lse in float64, of operands that are rounded to bfloat16.
func (s shape) answer() (y, lse parity.Tensor) {
	var in arrays
	for _, x := range s.in() {
		a := kernels.CPU().New(kernels.Float64, x.Shape...)
		for i := range a.Len() {
			kernels.Data[float64](a)[i] = float64(bfloat.Float(bfloat.Of(float32(x.At(i)))))
		}
		in = append(in, a)
	}
	outs, sums := s.results(kernels.Float64)
	s.forward(outs, sums, in)
	tensor := func(a *kernels.Array) parity.Tensor {
		return parity.Values(kernels.Float32, kernels.Data[float64](a), a.Shape()...)
	}
	return tensor(outs), tensor(sums)
}

// backward has q, k and v, dy, y and lse.
func (s shape) backward(dq, dkv *kernels.Array, in arrays) {
	k, v := s.keysAndValues(in[1])
	dk, dv := s.keysAndValues(dkv)
	Backward(Operand{Array: dq}, dk, dv, in[2], in[3], in[4], Operand{Array: in[0]}, k, v, s.spec())
}

// TestStoredIsRounded: the log sums have the bits that the same numbers give in float32, since sums go the same way, and y and the
// gradients are those of float32, rounded once.
func TestStoredIsRounded(t *testing.T) {
	for _, s := range shapes {
		parity.Run(t, s.storedCase())
	}
}

// storedCase has y, dq, dk and dv, and lse of both types; those of maps beside those of float32, rounded.
func (s shape) storedCase() parity.Case {
	own, both := output(s.images, s.queries, s.width()), output(s.images, s.keys, 2*s.width()+1)
	one := tensors{own, own, both, output(s.images, s.heads, s.queries)}
	return parity.Case{
		Name: s.String(), Large: s.large(), In: append(s.in(), floats(3, 1, s.images, s.queries, s.width())), Out: append(one, one...),
		Run: func(out, in arrays) {
			if in[0].DType() != kernels.BFloat16 {
				return
			}
			s.forward(out[0], out[3], in)
			s.backward(out[1], out[2], append(in[:3:3], out[0], out[3]))
			single := parity.Single
			y, wide := single(out[4]), arrays{single(in[0]), single(in[1]), single(in[2]), single(out[0]), out[7]}
			s.forward(y, out[7], wide)
			dq, dkv := single(out[5]), single(out[6])
			s.backward(dq, dkv, wide)
			for i, from := range (arrays{y, dq, dkv}) {
				bfloat.Pack(out[4+i], from)
			}
			for _, a := range append(wide[:4], y, dq, dkv) {
				a.Free()
			}
		},
		Check: func(t testing.TB, _, _, got arrays) {
			for i := range 4 {
				s.sameBytes(t, i, got[i], got[4+i])
			}
		},
	}.Stored([]int{0, 1, 2}, []int{0, 1, 2, 4, 5, 6})
}

// sameBytes leaves out the column of output 2 that belongs to no operand: NaN, of which rounding keeps no bits.
func (s shape) sameBytes(t testing.TB, i int, got, want *kernels.Array) {
	t.Helper()
	raw := func(a *kernels.Array) []byte { return kernels.Data[uint8](a.Carve(kernels.Uint8, 0, a.Bytes())) }
	skip, row := 0, len(raw(got))
	if i == 2 {
		skip, row = 2, 2*(2*s.width()+1)
	}
	for at := 0; at < len(raw(got)); at += row {
		if !bytes.Equal(raw(got)[at+skip:at+row], raw(want)[at+skip:at+row]) {
			t.Errorf("output %d has other bits", i)
			return
		}
	}
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
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.HasPrefix(said, "attention."+c.op+": ") {
					t.Errorf("%s with %s: %s", c.op, c.what, said)
				}
			}()
			c.call()
		}()
	}
}
