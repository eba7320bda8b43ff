package layer

import (
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/loss"
	"udml-gpu/models/tape"
)

// Similarities are the products of each row of f [N,D] with each: [N,N].
func Similarities(s *Scope, f *tape.Var) *tape.Var {
	n := f.Dim(0)
	y := s.Tape.New(n, n)
	s.Tape.Apply(tape.Op{
		Name: "similarities", In: []*tape.Var{f}, Out: []*tape.Var{y}, Reads: []*tape.Var{f},
		Forward: func() { gemm.Gemm(y.Value(), f.Value(), f.Value(), false, true, 1, 0) },
		Backward: func(b *tape.Back) {
			gemm.Gemm(b.Grad(0), y.Grad(), f.Value(), false, false, 1, 0)
			gemm.Gemm(b.Grad(0), y.Grad(), f.Value(), true, false, 1, 1)
		},
	})
	return y
}

// ViewSimilarities are the products of the first views of f [2B,D] with the second: [B,B].
func ViewSimilarities(s *Scope, f *tape.Var) *tape.Var {
	n := f.Dim(0) / 2
	y := s.Tape.New(n, n)
	s.Tape.Apply(tape.Op{
		Name: "similarities of views", In: []*tape.Var{f}, Out: []*tape.Var{y}, Reads: []*tape.Var{f},
		Forward: func() {
			gemm.Gemm(y.Value(), f.Value().Rows(0, n), f.Value().Rows(n, 2*n), false, true, 1, 0)
		},
		Backward: func(b *tape.Back) {
			gemm.Gemm(b.Grad(0).Rows(0, n), y.Grad(), f.Value().Rows(n, 2*n), false, false, 1, 0)
			gemm.Gemm(b.Grad(0).Rows(n, 2*n), y.Grad(), f.Value().Rows(0, n), true, false, 1, 0)
		},
	})
	return y
}

// SquaredDistances are the squared distances of each row of x [N,D] from each: [N,N]. They are computed of the rows' differences from the
// first, since the rows of a network that is not trained are close together and far from 0.
func SquaredDistances(s *Scope, x *tape.Var) *tape.Var {
	n := x.Dim(0)
	x = fromFirst(s, x)
	y := s.Tape.New(n, n)
	s.Tape.Apply(tape.Op{
		Name: "squared distances", In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{x},
		Forward:  func() { distance.Pairwise(y.Value(), x.Value(), x.Value(), distance.SquaredL2) },
		Backward: func(b *tape.Back) { distance.SquaredL2Backward(b.Grad(0), y.Grad(), x.Value()) },
	})
	return y
}

// fromFirst are the differences of the rows of x [N,D] from the first, for what does not change where all rows move together: the gradient
// of such is the same by both, since that of the first row, as a part of all others, sums to 0.
func fromFirst(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.New(x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "from the first row", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward:  func() { distance.FromFirst(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { b.Grad(0).CopyFrom(y.Grad()) },
	})
	return y
}

// Contextual are the semantic similarities [N,N] of rows from the similarities of their unit vectors and the images that they show
// (loss.Contextual), a constant.
func Contextual(s *Scope, similarities, samples *tape.Var, sigma float64, k int) *tape.Var {
	w := s.Tape.New(similarities.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "contextual similarities", In: []*tape.Var{similarities, samples}, Out: []*tape.Var{w},
		Forward: func() { loss.Contextual(w.Value(), similarities.Value(), samples.Value(), sigma, k) },
	})
	return w
}
