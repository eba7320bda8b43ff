package layer

import (
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/join"
	"udml-gpu/models/tape"
)

// GELU is x times one of the published factors: torch.nn.GELU(), torch.nn.GELU("tanh"), or CLIP's quick form.
func GELU(s *Scope, x *tape.Var, kind act.GELUKind) *tape.Var {
	y := s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "gelu", Spec: kind, In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{x}, InPlace: true, GradInPlace: true,
		Forward:  func() { act.GELU(y.Value(), x.Value(), kind) },
		Backward: func(b *tape.Back) { act.GELUBackward(b.Grad(0), y.Grad(), x.Value(), kind) },
	})
	return y
}

// ReLU6 is min(6, max(0, x)).
func ReLU6(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "relu6", In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{y}, InPlace: true, GradInPlace: true,
		Forward:  func() { act.ReLU6(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { act.ReLU6Backward(b.Grad(0), y.Grad(), y.Value()) },
	})
	return y
}

// SwiGLU is silu(gate) up, of equal shapes. A gradient must be wanted of both or of neither.
func SwiGLU(s *Scope, gate, up *tape.Var) *tape.Var {
	y := s.Tape.NewOf(gate.DType(), gate.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "swiglu", In: []*tape.Var{gate, up}, Out: []*tape.Var{y}, Reads: []*tape.Var{gate, up}, InPlace: true, GradInPlace: true,
		Forward:  func() { act.SwiGLU(y.Value(), gate.Value(), up.Value()) },
		Backward: func(b *tape.Back) { act.SwiGLUBackward(b.Grad(0), b.Grad(1), y.Grad(), gate.Value(), up.Value()) },
	})
	return y
}

// Halves splits x [..., 2C] along the last axis, as torch's chunk(2, -1): the two inputs of SwiGLU where one linear layer makes both.
// Both must be used.
func Halves(s *Scope, x *tape.Var) (first, second *tape.Var) {
	shape := append([]int(nil), x.Shape()...)
	shape[len(shape)-1] /= 2
	first, second = s.Tape.NewOf(x.DType(), shape...), s.Tape.NewOf(x.DType(), shape...)
	s.Tape.Apply(tape.Op{
		Name: "halves", In: []*tape.Var{x}, Out: []*tape.Var{first, second},
		Forward: func() {
			join.Take(first.Value(), x.Value(), 0)
			join.Take(second.Value(), x.Value(), shape[len(shape)-1])
		},
		Backward: func(b *tape.Back) { join.Concat(b.Grad(0), first.Grad(), second.Grad()) },
	})
	return first, second
}
