package layer_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/loss"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestInstance: loss and gradient on the tape are the operation's, times what the loss counts; the keys bring none.
func TestInstance(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	p := &tape.Param{Name: "f", Value: optest.Uniform(dev, f64, 1, -1, 1, 6, 5), Grad: optest.Poisoned(dev, f64, 6, 5)}
	l, dz := optest.Poisoned(dev, f64, 1), optest.Poisoned(dev, f64, 6, 5)
	loss.Instance(l, dz, p.Value, 0.2, 0.5)

	tp := tape.New(dev, f64, true)
	s := layer.NewScope(tp, layer.NewStore(dev, f64, 1))
	term := layer.Instance(s, tp.Param(p), 0.2, 0.5)
	total := layer.WeightedSum(s, []*tape.Var{term}, []float64{0.25})
	arena := tape.NewArena(dev)
	program := tp.Compile(arena, total, term)
	program.Run()
	optest.Near(t, "loss", term.Value(), l, 0)
	for i := range dz.Len() {
		optest.Set(dz, i, 0.25*optest.Get(dz, i))
	}
	optest.Near(t, "gradient", p.Grad, dz, 1e-15)
}
