package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/pool"
	"udml-gpu/models/tape"
)

// MaxPool is torch.nn.MaxPool2d on x [N,H,W,C].
func MaxPool(s *Scope, x *tape.Var, p pool.Spec) *tape.Var {
	t := s.Tape
	y := t.NewOf(x.DType(), pooled(x, p)...)
	at := t.NewOf(kernels.Uint8, y.Shape()...)
	t.Apply(tape.Op{
		Name: "max pool", Spec: p, In: []*tape.Var{x}, Out: []*tape.Var{y}, Saved: []*tape.Var{at},
		Forward:  func() { pool.Max(y.Value(), at.Value(), x.Value(), p) },
		Backward: func(b *tape.Back) { pool.MaxBackward(b.Grad(0), y.Grad(), at.Value(), p) },
	})
	return y
}

// AveragePool is torch.nn.AvgPool2d, which counts the padding, on x [N,H,W,C].
func AveragePool(s *Scope, x *tape.Var, p pool.Spec) *tape.Var {
	y := s.Tape.NewOf(x.DType(), pooled(x, p)...)
	s.Tape.Apply(tape.Op{
		Name: "average pool", Spec: p, In: []*tape.Var{x}, Out: []*tape.Var{y},
		Forward:  func() { pool.Average(y.Value(), x.Value(), p) },
		Backward: func(b *tape.Back) { pool.AverageBackward(b.Grad(0), y.Grad(), p) },
	})
	return y
}

// GlobalAveragePool is the mean of x [N,H,W,C] over H and W: [N,C].
func GlobalAveragePool(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.New(x.Dim(0), x.Dim(3))
	s.Tape.Apply(tape.Op{
		Name: "global average pool", In: []*tape.Var{x}, Out: []*tape.Var{y}, Adds: []int{0},
		Forward:  func() { pool.Global(y.Value(), x.Value()) },
		Backward: func(b *tape.Back) { pool.GlobalBackward(b.Grad(0), y.Grad(), b.Add(0)) },
	})
	return y
}

// GlobalMaxPool is the maximum of x [N,H,W,C] over H and W: [N,C].
func GlobalMaxPool(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.New(x.Dim(0), x.Dim(3))
	at := s.Tape.NewOf(kernels.Int32, y.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: "global max pool", In: []*tape.Var{x}, Out: []*tape.Var{y}, Saved: []*tape.Var{at}, Adds: []int{0},
		Forward:  func() { pool.GlobalMax(y.Value(), at.Value(), x.Value()) },
		Backward: func(b *tape.Back) { pool.GlobalMaxBackward(b.Grad(0), y.Grad(), at.Value(), b.Add(0)) },
	})
	return y
}

// GeMPool is the generalised mean of power 3 of x [N,H,W,C] over H and W: [N,C]. Elements below 1e-6 count as 1e-6.
func GeMPool(s *Scope, x *tape.Var) *tape.Var {
	y := s.Tape.New(x.Dim(0), x.Dim(3))
	s.Tape.Apply(tape.Op{
		Name: "generalised mean pool", Spec: pool.GeM3, In: []*tape.Var{x}, Out: []*tape.Var{y}, Reads: []*tape.Var{x, y}, Adds: []int{0},
		Forward:  func() { pool.GeM(y.Value(), x.Value(), pool.GeM3) },
		Backward: func(b *tape.Back) { pool.GeMBackward(b.Grad(0), y.Grad(), x.Value(), y.Value(), pool.GeM3, b.Add(0)) },
	})
	return y
}

func pooled(x *tape.Var, p pool.Spec) []int {
	return []int{x.Dim(0), p.OutSize(x.Dim(1)), p.OutSize(x.Dim(2)), x.Dim(3)}
}
