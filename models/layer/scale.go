package layer

import (
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// Scale is x gamma over the last axis of x [..., C]: timm's LayerScale. The parameter is called name, with nothing appended, has shape
// [C], and begins with start everywhere.
func Scale(s *Scope, name string, x *tape.Var, start float64) *tape.Var {
	gamma, y := s.scaleOf(name, x, start), s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "scale", Of: s.path(name), In: []*tape.Var{x, gamma}, Out: []*tape.Var{y}, Reads: []*tape.Var{x, gamma}, InPlace: true,
		GradInPlace: true,
		Forward:     func() { norm.Scale(y.Value(), x.Value(), gamma.Value(), nil) },
		Backward: func(b *tape.Back) {
			norm.ScaleBackward(b.Grad(0), b.Grad(1), y.Grad(), x.Value(), gamma.Value())
		},
	})
	return y
}

// ScaleAdd is residual + Scale(x), in one pass over memory. The gradient of residual takes the memory of the sum's where it can.
func ScaleAdd(s *Scope, name string, residual, x *tape.Var, start float64) *tape.Var {
	gamma, y := s.scaleOf(name, x, start), s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "scale and add", Of: s.path(name), In: []*tape.Var{residual, x, gamma}, Out: []*tape.Var{y}, Reads: []*tape.Var{x, gamma},
		InPlace: true, GradInPlace: true, Adds: []int{0},
		Forward: func() { norm.Scale(y.Value(), x.Value(), gamma.Value(), residual.Value()) },
		Backward: func(b *tape.Back) {
			norm.ScaleBackward(b.Grad(1), b.Grad(2), y.Grad(), x.Value(), gamma.Value())
			switch d := b.Grad(0); {
			case d == nil:
			case b.Add(0):
				join.AddTo(d, y.Grad())
			default:
				d.CopyFrom(y.Grad())
			}
		},
	})
	return y
}

func (s *Scope) scaleOf(name string, x *tape.Var, start float64) *tape.Var {
	return s.Tape.Param(s.param(name, true, constant(start), x.Dim(len(x.Shape())-1)))
}
