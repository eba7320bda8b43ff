package layer

import (
	"udml-gpu/kernels/resize"
	"udml-gpu/models/tape"
)

// Bicubic resizes a grid of positions [H,W,D] to [h,w,D], as one of the published codes of vision transformers does. A grid of that size
// is returned as it is, in every kind.
func Bicubic(s *Scope, grid *tape.Var, h, w int, kind resize.BicubicKind) *tape.Var {
	if grid.Dim(0) == h && grid.Dim(1) == w {
		return grid
	}
	y := s.Tape.New(h, w, grid.Dim(2))
	s.Tape.Apply(tape.Op{
		Name: "bicubic", In: []*tape.Var{grid}, Out: []*tape.Var{y},
		Forward:  func() { resize.Bicubic(y.Value(), grid.Value(), kind) },
		Backward: func(b *tape.Back) { resize.BicubicBackward(b.Grad(0), y.Grad(), kind) },
	})
	return y
}
