package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/resize"
	"udml-gpu/models/tape"
)

// NormaliseSpec is the Spec of Normalise.
type NormaliseSpec struct {
	Mean, Std []float64
	Reverse   bool
}

// Normalise maps an image in [0,1] to the input that the network was trained with: (255 x - mean[c]) / std[c], with reverse of the channels
// in reverse order (BGR of RGB).
func Normalise(s *Scope, x *tape.Var, mean, std []float64, reverse bool) *tape.Var {
	y := s.Tape.New(x.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "normalise", Spec: NormaliseSpec{mean, std, reverse}, In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward: func() { augment.Normalise(y.Value(), x.Value(), mean, std, reverse) },
	})
	return y
}

// Upsample2 repeats each pixel of x [N,H,W,C] twice along both axes.
func Upsample2(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.New(x.Dim(0), 2*x.Dim(1), 2*x.Dim(2), x.Dim(3))
	s.Tape.Apply(tape.Op{
		Name: "upsample", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward:  func() { resize.Upsample2(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { resize.Upsample2Backward(b.Grad(0), y.Grad()) },
	})
	return y
}

// Bilinear resizes x [N,H,W,C] to h x w as torch's interpolate does with align_corners off.
func Bilinear(s *Scope, x *tape.Var, h, w int) *tape.Var {
	y := s.Tape.New(x.Dim(0), h, w, x.Dim(3))
	s.Tape.Apply(tape.Op{
		Name: "bilinear", In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward:  func() { resize.Bilinear(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { resize.BilinearBackward(b.Grad(0), y.Grad()) },
	})
	return y
}

// Concat joins maps of equal N, H, W along the channels.
func Concat(s *Scope, xs ...*tape.Var) *tape.Var {
	shape, last := append([]int(nil), xs[0].Shape()...), len(xs[0].Shape())-1
	shape[last] = 0
	for _, x := range xs {
		shape[last] += x.Dim(last)
	}
	y := s.Tape.NewOf(xs[0].DType(), shape...)
	values := make([]*kernels.Array, len(xs))
	s.Tape.Apply(tape.Op{
		Name: "concat", In: xs, Out: []*tape.Var{y},
		Forward: func() {
			for i, x := range xs {
				values[i] = x.Value()
			}
			join.Concat(y.Value(), values...)
		},
		Backward: func(b *tape.Back) {
			at := 0
			for i, x := range xs {
				if d := b.Grad(i); d != nil {
					join.Take(d, y.Grad(), at)
				}
				at += x.Dim(last)
			}
		},
	})
	return y
}

// Add is a + b, of equal shapes: the residual connection. The gradient of a takes the memory of the sum's where it can.
func Add(s *Scope, a, b *tape.Var) *tape.Var {
	y := s.Tape.NewOf(a.DType(), a.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "add", In: []*tape.Var{a, b}, Out: []*tape.Var{y}, InPlace: true, GradInPlace: true, Adds: []int{0, 1},
		Forward: func() { join.Add(y.Value(), a.Value(), b.Value()) },
		Backward: func(back *tape.Back) {
			for i := range 2 {
				switch d := back.Grad(i); {
				case d == nil:
				case back.Add(i):
					join.AddTo(d, y.Grad())
				default:
					d.CopyFrom(y.Grad())
				}
			}
		},
	})
	return y
}
