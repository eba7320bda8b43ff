package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/models/tape"
)

// Pointwise is torch.nn.Linear on each pixel of x [N,H,W,I], a 1x1 convolution whose weights are [out,I] in files; parameters
// name.weight and name.bias. In evaluation mode the CPU computes each image on its own, as Conv2D.
func Pointwise(s *Scope, name string, x *tape.Var, out int) *tape.Var {
	spec := conv.Spec{Stride: 1, Apart: !s.Tape.Training()}
	in, n, t := s.In(name), x.Dim(3), s.Tape
	fan := fanBound(n)
	w := t.Param(in.param("weight", true, in.uniform("weight", fan), out, n))
	b := t.Param(in.param("bias", true, in.uniform("bias", fan), out))
	y, weights := t.NewOf(x.DType(), x.Dim(0), x.Dim(1), x.Dim(2), out), filtersOf(s, x, w)
	inputs := []*tape.Var{x, w, b}
	if weights != w {
		inputs = append(inputs, weights)
	}
	filters := func(a *kernels.Array) *kernels.Array {
		if a == nil {
			return nil
		}
		return a.View(0, out, 1, 1, n)
	}
	t.Apply(tape.Op{
		Name: "pointwise", Of: in.prefix, In: inputs, Out: []*tape.Var{y}, Reads: []*tape.Var{x, weights}, Adds: []int{0},
		Forward: func() { conv.Forward(y.Value(), x.Value(), filters(weights.Value()), b.Value(), spec) },
		Backward: func(back *tape.Back) {
			conv.BackwardWeights(filters(back.Grad(1)), back.Grad(2), x.Value(), y.Grad(), nil, spec)
			if dx := back.Grad(0); dx != nil {
				conv.BackwardData(dx, y.Grad(), filters(weights.Value()), spec, back.Add(0))
			}
		},
	})
	return y
}
