package layer

import (
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// LayerNorm is torch.nn.LayerNorm over the last axis of x [..., C]; parameters name.weight and name.bias, [C] each.
func LayerNorm(s *Scope, name string, x *tape.Var, eps float64) *tape.Var {
	in, c, t := s.In(name), x.Dim(len(x.Shape())-1), s.Tape
	gamma, beta := t.Param(in.param("weight", true, constant(1), c)), t.Param(in.param("bias", true, constant(0), c))
	y, rows := t.NewOf(x.DType(), x.Shape()...), rowsOf(x)
	mean, inv := t.New(rows), t.New(rows)
	t.Apply(tape.Op{
		Name: "layer norm", Of: in.prefix, Spec: eps, In: []*tape.Var{x, gamma, beta}, Out: []*tape.Var{y},
		Saved: []*tape.Var{mean, inv}, Reads: []*tape.Var{x, gamma}, GradInPlace: true,
		Forward: func() {
			norm.LayerNorm(y.Value(), mean.Value(), inv.Value(), x.Value(), gamma.Value(), beta.Value(), eps)
		},
		Backward: func(b *tape.Back) {
			norm.LayerNormBackward(b.Grad(0), b.Grad(1), b.Grad(2), y.Grad(), x.Value(), gamma.Value(), mean.Value(), inv.Value())
		},
	})
	return y
}

// rowsOf is the number of rows of x along its last axis.
func rowsOf(x *tape.Var) int {
	rows := 1
	for _, n := range x.Shape()[:len(x.Shape())-1] {
		rows *= n
	}
	return rows
}
