package layer

import (
	"udml-gpu/kernels/tokens"
	"udml-gpu/models/tape"
)

// RepeatViews is x [B] for each of so many views of a batch of B images, view by view: [V B]. x is an input: no gradient flows into it.
func RepeatViews(s *Scope, x *tape.Var, views int) *tape.Var {
	n := x.Dim(0)
	y := s.Tape.NewOf(x.DType(), views*n)
	s.Tape.Apply(tape.Op{
		Name: "repeat views", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() {
			for v := range views {
				y.Value().Rows(v*n, (v+1)*n).CopyFrom(x.Value())
			}
		},
	})
	return y
}

// Repeat gives each of n images the rows x [R,D]: [n,R,D]. The gradient is the sum over images.
func Repeat(s *Scope, x *tape.Var, n int) *tape.Var {
	t := s.Tape
	y, none := t.New(n, x.Dim(0), x.Dim(1)), t.New(n, 0, x.Dim(1)) // rows that every image has, in front of none of its own
	t.Apply(tape.Op{
		Name: "repeat", In: []*tape.Var{x}, Out: []*tape.Var{y}, Saved: []*tape.Var{none},
		Forward:  func() { tokens.Assemble(y.Value(), none.Value(), x.Value(), nil, nil) },
		Backward: func(b *tape.Back) { tokens.SumImages(b.Grad(0), y.Grad(), 0) },
	})
	return y
}
