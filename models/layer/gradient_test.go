package layer_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// dot is the sum of w y, with w of random numbers: a loss whose gradient with respect to y is w.
func dot(s *layer.Scope, y *tape.Var) *tape.Var {
	t := s.Tape
	w, l := optest.Uniform(kernels.CPU(), kernels.Float64, 99, -1, 1, y.Shape()...), t.New(1)
	t.Apply(tape.Op{
		Name: "dot", In: []*tape.Var{y}, Out: []*tape.Var{l},
		Forward:  func() { kernels.Data[float64](l.Value())[0] = optest.Dot(w, y.Value()) },
		Backward: func(b *tape.Back) { join.Scale(b.Grad(0), w, l.Grad()) },
	})
	return l
}

// checkGradients records build on a parameter "x" of the given shape and compares the gradient of every parameter with finite
// differences, in memory that is filled with NaN as soon as nothing reads it any more. It returns the program's result.
func checkGradients(t *testing.T, name string, shape []int, build func(s *layer.Scope, x *tape.Var) *tape.Var) *kernels.Array {
	t.Helper()
	dev, f64 := kernels.CPU(), kernels.Float64
	tp := tape.New(dev, f64, true)
	store := layer.NewStore(dev, f64, 7)
	s := layer.NewScope(tp, store)
	x := &tape.Param{Name: "x", Value: optest.Uniform(dev, f64, 1, -2, 2, shape...), Grad: optest.Poisoned(dev, f64, shape...)}
	y := build(s, tp.Param(x))
	l := dot(s, y)
	arena := tape.NewArena(dev)
	arena.Poison()
	program := tp.Compile(arena, l, l, y)
	params := append(store.Trained(), x)
	for _, p := range params[:len(params)-1] {
		jitter := kernels.Data[float64](optest.Uniform(dev, f64, 5, -0.5, 0.5, p.Value.Shape()...))
		for i, v := range kernels.Data[float64](p.Value) {
			optest.Set(p.Value, i, v+jitter[i]) // constants alone would hide a wrong index
		}
		p.Grad.CopyFrom(optest.Poisoned(dev, f64, p.Value.Shape()...))
	}
	for _, p := range params {
		program.Run()
		grad := optest.As(p.Grad, f64)
		optest.Gradient(t, name+" "+p.Name, grad, p.Value, 1e-5, 1e-7, func() float64 { program.Run(); return optest.Get(l.Value(), 0) })
	}
	program.Run()
	return y.Value()
}

func TestLayerNorm(t *testing.T) {
	checkGradients(t, "layer norm", []int{2, 3, 7}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.LayerNorm(s, "norm", x, 1e-6)
	})
}
