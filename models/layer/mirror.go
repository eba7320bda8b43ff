package layer

import (
	"udml-gpu/kernels/augment"
	"udml-gpu/models/tape"
)

// Mirrored is images x [N,H,W,C] turned left to right. x are images: no gradient flows into them.
func Mirrored(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "mirrored", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() { augment.Mirror(y.Value(), x.Value()) },
	})
	return y
}
