package layer

import (
	"udml-gpu/kernels/conv"
	"udml-gpu/models/tape"
)

// Conv describes a convolution: Out channels, a square Kernel, torch's stride and padding, and Extra more zeros below and right of the
// image than above and left of it.
type Conv struct {
	Out, Kernel, Stride, Pad int
	Extra                    int
	NoBias                   bool
	ReLU                     bool // max(0, .) of the result, computed with it
}

// Conv2D is torch.nn.Conv2d on x [N,H,W,C]; parameters name.weight and name.bias. In evaluation mode the CPU computes each image on
// its own: the same image then has the same bytes in any batch.
func Conv2D(s *Scope, name string, x *tape.Var, c Conv) *tape.Var {
	spec := conv.Spec{Stride: max(1, c.Stride), Pad: c.Pad, Extra: c.Extra, ReLU: c.ReLU, Apart: !s.Tape.Training()}
	in, n := s.In(name), x.Dim(3)
	fan := fanBound(n * c.Kernel * c.Kernel)
	t := s.Tape
	w := t.Param(in.param("weight", true, in.uniform("weight", fan), c.Out, c.Kernel, c.Kernel, n))
	inputs, filters := []*tape.Var{x, w}, filtersOf(s, x, w)
	var b *tape.Var
	if !c.NoBias {
		b = t.Param(in.param("bias", true, in.uniform("bias", fan), c.Out))
		inputs = append(inputs, b)
	}
	if filters != w {
		inputs = append(inputs, filters)
	}
	y := t.NewOf(x.DType(), x.Dim(0), spec.OutSize(x.Dim(1), c.Kernel), spec.OutSize(x.Dim(2), c.Kernel), c.Out)
	op := tape.Op{
		Name: "conv", Of: in.prefix, Spec: spec, In: inputs, Out: []*tape.Var{y}, Reads: []*tape.Var{x, filters}, Adds: []int{0},
	}
	if c.ReLU {
		op.Reads = append(op.Reads, y)
	}
	op.Forward = func() { conv.Forward(y.Value(), x.Value(), filters.Value(), valueOf(b), spec) }
	op.Backward = func(back *tape.Back) {
		dy := y.Grad()
		conv.BackwardWeights(back.Grad(1), gradOf(back, b, 2), x.Value(), dy, y.Value(), spec)
		if dx := back.Grad(0); dx != nil {
			conv.BackwardData(dx, dy, filters.Value(), spec, back.Add(0))
		}
	}
	t.Apply(op)
	return y
}
