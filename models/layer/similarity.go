package layer

import (
	"udml-gpu/kernels/gemm"
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
