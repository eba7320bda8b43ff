package layer_test

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// denseRun records Dense on x, evaluates or trains it in poisoned memory, and returns its result.
func denseRun(t *testing.T, store *layer.Store, x *kernels.Array, training bool, d layer.DenseSpec) *kernels.Array {
	t.Helper()
	dev := kernels.CPU()
	tp, arena := tape.New(dev, x.DType(), training), tape.NewArena(dev)
	arena.Poison()
	y := layer.Dense(layer.NewScope(tp, store), "fc", tp.Input(x), d)
	tp.Compile(arena, nil, y).Forward()
	return y.Value()
}

// TestDense: tokens are rows, in training and in evaluation mode, and an image's bytes in the latter do not depend on its batch.
func TestDense(t *testing.T) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 3, 5, 64)
	for _, d := range []layer.DenseSpec{{Out: 40}, {Out: 40, NoBias: true, Std: 0.02}} {
		store := layer.NewStore(dev, kernels.Float32, 1)
		train, rows := denseRun(t, store, x, true, d), denseRun(t, store, x.Reshape(15, 64), true, d)
		if !slices.Equal(train.Shape(), []int{3, 5, 40}) || !slices.Equal(rows.Shape(), []int{15, 40}) {
			t.Fatalf("%v and %v", train, rows)
		}
		if !slices.Equal(kernels.Data[float32](train), kernels.Data[float32](rows)) {
			t.Errorf("%+v: tokens and rows differ", d)
		}
		eval := denseRun(t, store, x, false, d)
		optest.Near(t, "evaluation", eval, train, 2*(64+17)*0x1p-24) // twice the contract of gemm.Gemm
		alone := denseRun(t, store, x.Rows(2, 3), false, d)
		if !slices.Equal(kernels.Data[float32](eval.Rows(2, 3)), kernels.Data[float32](alone)) {
			t.Errorf("%+v: an image alone has other bytes", d)
		}
		if has := store.Get("fc.bias") != nil; has == d.NoBias {
			t.Errorf("%+v: a bias is %v", d, has)
		}
	}
}

// TestDenseGradient: tokens have the gradient of rows, whose finite differences the tests of gemm check; x is a parameter here.
func TestDenseGradient(t *testing.T) {
	dev := kernels.CPU()
	x, w := optest.Uniform(dev, kernels.Float64, 1, -1, 1, 2, 3, 4), optest.Uniform(dev, kernels.Float64, 2, -1, 1, 2, 3, 5)
	p := &tape.Param{Name: "x", Value: x, Grad: optest.Poisoned(dev, kernels.Float64, 2, 3, 4)}
	tp, arena := tape.New(dev, kernels.Float64, true), tape.NewArena(dev)
	arena.Poison()
	s := layer.NewScope(tp, layer.NewStore(dev, kernels.Float64, 1))
	loss := dotLoss(tp, layer.Dense(s, "fc", tp.Param(p), layer.DenseSpec{Out: 5}), w)
	program := tp.Compile(arena, loss)
	program.Run()
	value := func() float64 { program.Forward(); return kernels.Data[float64](loss.Value())[0] }
	for _, q := range append(s.Store.Trained(), p) {
		grad := optest.As(q.Grad, kernels.Float64)
		optest.Gradient(t, q.Name, grad, q.Value, 1e-4, 1e-9, value)
	}
}

// dotLoss is sum w y, of any shape.
func dotLoss(tp *tape.Tape, y *tape.Var, w *kernels.Array) *tape.Var {
	loss := tp.New(1)
	tp.Apply(tape.Op{
		Name: "dot", In: []*tape.Var{y}, Out: []*tape.Var{loss},
		Forward:  func() { kernels.Data[float64](loss.Value())[0] = optest.Dot(w, y.Value()) },
		Backward: func(b *tape.Back) { b.Grad(0).CopyFrom(w) },
	})
	return loss
}
