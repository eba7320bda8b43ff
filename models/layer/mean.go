package layer

import (
	"udml-gpu/kernels/join"
	"udml-gpu/models/tape"
)

// MeanOf is the mean of arrays of one shape; of one it is that one. It is for evaluation mode, and has no gradient.
func MeanOf(s *Scope, list []*tape.Var) *tape.Var {
	if len(list) == 1 {
		return list[0]
	}
	y := s.Tape.NewOf(list[0].DType(), list[0].Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "mean", In: list, Out: []*tape.Var{y},
		Forward: func() {
			y.Value().Zero()
			for _, x := range list {
				join.AddScaled(y.Value(), x.Value(), 1/float64(len(list)))
			}
		},
	})
	return y
}
