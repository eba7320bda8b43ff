package layer

import (
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/join"
	"udml-gpu/models/tape"
)

// WithMirrored is images x [N,H,W,C] and behind them their mirror images, turned left to right: [2N,H,W,C]. x are images: no gradient flows
// into them.
func WithMirrored(s *Scope, x *tape.Var) *tape.Var {
	n := x.Dim(0)
	y := s.Tape.NewOf(x.DType(), withRows(x, 2*n)...)
	s.Tape.Apply(tape.Op{
		Name: "with mirrored", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() {
			y.Value().Rows(0, n).CopyFrom(x.Value())
			augment.Mirror(y.Value().Rows(n, 2*n), x.Value())
		},
	})
	return y
}

// MeanOfMirrored is the mean of an image's row and that of its mirror image: x [2N,D] in the order of WithMirrored gives [N,D]. It is for
// evaluation mode, and has no gradient.
func MeanOfMirrored(s *Scope, x *tape.Var) *tape.Var {
	n := x.Dim(0) / 2
	y := s.Tape.NewOf(x.DType(), withRows(x, n)...)
	s.Tape.Apply(tape.Op{
		Name: "mean of mirrored", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() {
			y.Value().Zero()
			join.AddScaled(y.Value(), x.Value().Rows(0, n), 0.5)
			join.AddScaled(y.Value(), x.Value().Rows(n, 2*n), 0.5)
		},
	})
	return y
}
