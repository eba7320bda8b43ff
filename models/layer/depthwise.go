package layer

import (
	"udml-gpu/kernels/depthwise"
	"udml-gpu/models/tape"
)

// Depthwise describes a convolution of each channel by itself: a square Kernel, torch's stride, and zeros around the image, before
// it (above and left) and after it.
type Depthwise struct {
	Kernel, Stride, PadBefore, PadAfter int
	NoBias                              bool
}

// Depthwise2D is torch.nn.Conv2d with as many groups as channels on x [N,H,W,C]; parameters name.weight, [C,1,Kernel,Kernel] in files,
// and name.bias. In evaluation mode the same image has the same bytes in any batch on the CPU.
func Depthwise2D(s *Scope, name string, x *tape.Var, d Depthwise) *tape.Var {
	spec := depthwise.Spec{Stride: max(1, d.Stride), PadBefore: d.PadBefore, PadAfter: d.PadAfter}
	in, c := s.In(name), x.Dim(3)
	fan := fanBound(d.Kernel * d.Kernel)
	t := s.Tape
	w := t.Param(in.param("weight", true, in.uniform("weight", fan), c, d.Kernel, d.Kernel, 1))
	inputs, filters := []*tape.Var{x, w}, filtersOf(s, x, w)
	var b *tape.Var
	if !d.NoBias {
		b = t.Param(in.param("bias", true, in.uniform("bias", fan), c))
		inputs = append(inputs, b)
	}
	if filters != w {
		inputs = append(inputs, filters)
	}
	y := t.NewOf(x.DType(), x.Dim(0), spec.OutSize(x.Dim(1), d.Kernel), spec.OutSize(x.Dim(2), d.Kernel), c)
	t.Apply(tape.Op{
		Name: "depthwise", Of: in.prefix, Spec: spec, In: inputs, Out: []*tape.Var{y}, Reads: []*tape.Var{x, filters}, Adds: []int{0},
		Forward: func() { depthwise.Forward(y.Value(), x.Value(), filters.Value(), valueOf(b), spec) },
		Backward: func(back *tape.Back) {
			depthwise.BackwardWeights(back.Grad(1), gradOf(back, b, 2), x.Value(), y.Grad(), spec)
			if dx := back.Grad(0); dx != nil {
				depthwise.BackwardData(dx, y.Grad(), filters.Value(), spec, back.Add(0))
			}
		},
	})
	return y
}
