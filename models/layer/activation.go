package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// ReLU is max(0, x).
func ReLU(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.NewOf(x.DType(), x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "relu", In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{y}, InPlace: true, GradInPlace: true,
		Forward:  func() { act.ReLU(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { act.ReLUBackward(b.Grad(0), y.Grad(), y.Value()) },
	})
	return y
}

// Sigmoid is 1/(1+exp(-x)).
func Sigmoid(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.New(x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "sigmoid", In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{y}, InPlace: true, GradInPlace: true,
		Forward:  func() { act.Sigmoid(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { act.SigmoidBackward(b.Grad(0), y.Grad(), y.Value()) },
	})
	return y
}

// Clock holds the keys of dropout's randomness. The trainer sets the epoch before each step. It lies on the device, so that a captured
// step draws the masks of the epoch in which it is launched.
type Clock struct {
	Seed  uint64
	Epoch *kernels.Array // int32 [1]
}

// ClockAt is a clock of its own memory that stays at one epoch.
func ClockAt(dev *kernels.Device, seed uint64, epoch int) *Clock {
	return &Clock{Seed: seed, Epoch: kernels.Of(dev, []int32{int32(epoch)}, 1)}
}

// DropoutMask draws a [N,D] mask for rows that show the given samples in the given views ([N] int32 each).
// An element is kept with probability 1-p.
func DropoutMask(s *Scope, samples, views *tape.Var, d int, clock *Clock, p float64) *tape.Var {
	mask := s.Tape.NewOf(kernels.Uint8, samples.Dim(0), d)
	s.Tape.Apply(tape.Op{
		Name: "dropout mask", In: []*tape.Var{samples, views}, Out: []*tape.Var{mask},
		Forward: func() {
			act.DropoutMask(mask.Value(), samples.Value(), views.Value(), clock.Seed, clock.Epoch, p)
		},
	})
	return mask
}

// Dropout is x/(1-p) where the mask is set and 0 elsewhere.
func Dropout(s *Scope, x, mask *tape.Var, p float64) *tape.Var {
	y := s.Tape.New(x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "dropout", In: []*tape.Var{x, mask}, Out: []*tape.Var{y}, Reads: []*tape.Var{mask},
		Forward:  func() { act.Dropout(y.Value(), x.Value(), mask.Value(), p) },
		Backward: func(b *tape.Back) { act.DropoutBackward(b.Grad(0), y.Grad(), mask.Value(), p) },
	})
	return y
}

// normEps is the length below which a row is not scaled up any more, as in torch.nn.functional.normalize.
const normEps = 1e-12

// L2Normalize scales each row of x [N,D] to length 1.
func L2Normalize(s *Scope, x *tape.Var) *tape.Var {
	t := s.Tape
	y, length := t.New(x.Shape()...), t.New(x.Dim(0))
	t.Apply(tape.Op{
		Name: "l2 normalize", Spec: normEps, In: []*tape.Var{x}, Out: []*tape.Var{y}, Saved: []*tape.Var{length}, Reads: []*tape.Var{y},
		Forward:  func() { norm.L2(y.Value(), length.Value(), x.Value(), normEps) },
		Backward: func(b *tape.Back) { norm.L2Backward(b.Grad(0), y.Grad(), y.Value(), length.Value(), normEps) },
	})
	return y
}
