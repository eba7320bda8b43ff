package attention

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

type tensors = []parity.Tensor

type arrays = []*kernels.Array

func floats(seed uint64, bound float64, shape ...int) parity.Tensor {
	return parity.Floats(seed, -bound, bound, shape...)
}

func output(shape ...int) parity.Tensor { return parity.Output(kernels.Float32, shape...) }

// in are q, and k and v in one array.
func (s shape) in() tensors {
	return tensors{floats(1, s.reach, s.images, s.queries, s.width()), floats(2, s.reach, s.images, s.keys, 2*s.width()+1)}
}

func (s shape) out() tensors {
	return tensors{output(s.images, s.queries, s.width()), output(s.images, s.heads, s.queries)}
}

func (s shape) forward(y, lse *kernels.Array, in arrays) {
	k, v := s.keysAndValues(in[1])
	Forward(y, lse, Operand{Array: in[0]}, k, v, s.spec())
}

// TestParityForward has the contract's bound.
func TestParityForward(t *testing.T) {
	for _, s := range shapes {
		parity.Run(t, s.forwardCase())
	}
}

func (s shape) forwardCase() parity.Case {
	return parity.Case{
		Name: s.String(), Large: s.large(), Bound: s.forwardBound() * max(1, s.reach), In: s.in(), Out: s.out(),
		Run: func(out, in arrays) { s.forward(out[0], out[1], in) },
	}
}

// backwardBound is the contract's: dy is below 1, so that a probability's gradient is below dim reach, and a logit's below twice that and
// Scale; dv sums as many terms below 1 as there are queries, dk those of all queries, dq those of probabilities that sum to 1.
func (s shape) backwardBound() float64 {
	logit := max(1, s.logit()+math.Log(float64(s.keys)))
	terms := float64(s.queries) * max(1, 2*math.Sqrt(float64(s.dim))*s.reach*s.reach)
	return (float64(4*s.dim+80)*logit + float64(s.queries+s.keys+200)) * 0x1p-24 * terms
}

func TestParityBackward(t *testing.T) {
	for _, s := range shapes {
		in := append(s.in(), floats(3, 1, s.images, s.queries, s.width()))
		parity.Run(t, parity.Case{
			Name: s.String(), Large: s.large(), Bound: s.backwardBound(), In: in,
			Out: append(s.out(), output(s.images, s.queries, s.width()), output(s.images, s.keys, 2*s.width()+1)),
			Run: func(out, in arrays) {
				k, v := s.keysAndValues(in[1])
				dk, dv := s.keysAndValues(out[3])
				s.forward(out[0], out[1], in)
				Backward(Operand{Array: out[2]}, dk, dv, in[2], out[0], out[1], Operand{Array: in[0]}, k, v, s.spec())
			},
		})
	}
}

// TestParityAlone: each gradient without the others has the bytes that it has with them, in either type.
func TestParityAlone(t *testing.T) {
	parity.Run(t, aloneCase(), aloneCase().Stored([]int{0, 1, 2, 3}, parity.UpTo(6)))
}

func aloneCase() parity.Case {
	l := layout{shape: shape{2, 7, 9, 2, 6, 1}}
	y, lse := l.answer(l.in())
	dq, dk := output(l.images, l.queries, l.width()), output(l.images, l.keys, l.width())
	return parity.Case{
		Name: "alone", In: append(l.in(), floats(3, 1, l.images, l.queries, l.width()), y, lse), Out: tensors{dq, dk, dk, dq, dk, dk},
		Run: func(out, in arrays) {
			q, k, v := l.operands(in)
			all := [3]Operand{{Array: out[3]}, {Array: out[4]}, {Array: out[5]}}
			Backward(all[0], all[1], all[2], in[2], in[3], in[4], q, k, v, l.spec())
			for i := range 3 {
				var to [3]Operand
				to[i].Array = out[i]
				Backward(to[0], to[1], to[2], in[2], in[3], in[4], q, k, v, l.spec())
			}
		},
		Check: func(t testing.TB, _, want, got arrays) {
			for i := range 3 {
				parity.Near(t, i, got[i], got[3+i], 0)
				if got[i].DType() == kernels.Float32 {
					parity.Near(t, i, got[i], want[i], l.backwardBound())
				}
			}
		},
	}
}

// TestParityNaN: a NaN of a query is in its head's row alone, one of a value in its column of all queries.
// In bfloat16 the result and its factors are rounded.
func TestParityNaN(t *testing.T) {
	parity.Run(t, nanCase(), nanCase().StoredTimes(2, []int{0, 1}, []int{0}))
}

func nanCase() parity.Case {
	s := shape{1, 5, 40, 2, 8, 1}
	in := s.in()
	in[0] = in[0].With(map[int]float64{2*16 + 3: math.NaN()})
	in[1] = in[1].With(map[int]float64{7*33 + 1 + 16 + 9: math.NaN()})
	return parity.Case{
		Name: "NaN", Bound: s.forwardBound(), In: in, Out: s.out(),
		Run: func(out, in arrays) { s.forward(out[0], out[1], in) },
	}
}

// TestParityDeep: where all logits are far below 0, nothing of the rows that fill up a tile gets in, whose exponential would be infinite.
func TestParityDeep(t *testing.T) {
	parity.Run(t, deepCase(), deepCase().StoredTimes(3, parity.UpTo(3), []int{0, 2, 3}))
}

// deepCase has logits of about -140. Its bound is wide; an infinity or a NaN is what it must not have.
func deepCase() parity.Case {
	s := shape{1, 3, 5, 1, 4, 10}
	return parity.Case{
		Name: "deep", Bound: s.backwardBound(),
		In: tensors{
			parity.Floats(1, 7, 10, 1, s.queries, s.width()), parity.Floats(2, -10, -7, 1, s.keys, 2*s.width()+1),
			floats(3, 1, 1, s.queries, s.width()),
		},
		Out: append(s.out(), output(1, s.queries, s.width()), output(1, s.keys, 2*s.width()+1)),
		Run: func(out, in arrays) {
			l := layout{shape: s}
			q, k, v := l.operands(in)
			dk, dv := s.keysAndValues(out[3])
			Forward(out[0], out[1], q, k, v, s.spec())
			Backward(Operand{Array: out[2]}, dk, dv, in[2], out[0], out[1], q, k, v, s.spec())
		},
	}
}
