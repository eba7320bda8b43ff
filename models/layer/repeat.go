package layer

import (
	"udml-gpu/kernels/tokens"
	"udml-gpu/models/tape"
)

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
