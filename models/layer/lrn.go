package layer

import (
	"udml-gpu/kernels/lrn"
	"udml-gpu/models/tape"
)

// LRN is torch.nn.LocalResponseNorm, Caffe's LRN across channels, on x [N,H,W,C]. It has no parameters.
func LRN(s *Scope, x *tape.Var, n lrn.Spec) *tape.Var {
	y := s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "local response norm", Spec: n, In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{x},
		Forward:  func() { lrn.Forward(y.Value(), x.Value(), n) },
		Backward: func(b *tape.Back) { lrn.Backward(b.Grad(0), y.Grad(), x.Value(), n) },
	})
	return y
}
