package layer_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// checkLayer compares the gradients of inputs, which become parameters of these shapes, with finite differences of sum w y, in poisoned
// memory.
func checkLayer(t *testing.T, shapes [][]int, record func(s *layer.Scope, x []*tape.Var) *tape.Var) {
	t.Helper()
	dev, f64 := kernels.CPU(), kernels.Float64
	tp, arena := tape.New(dev, f64, true), tape.NewArena(dev)
	arena.Poison()
	var params []*tape.Param
	var inputs []*tape.Var
	for i, shape := range shapes {
		x := optest.Uniform(dev, f64, uint64(i), -1, 1, shape...)
		p := &tape.Param{Name: "input", Value: x, Grad: optest.Poisoned(dev, f64, shape...)}
		params, inputs = append(params, p), append(inputs, tp.Param(p))
	}
	y := record(layer.NewScope(tp, layer.NewStore(dev, f64, 1)), inputs)
	loss := dotLoss(tp, y, optest.Uniform(dev, f64, 9, -1, 1, y.Shape()...))
	program := tp.Compile(arena, loss)
	program.Run()
	for _, p := range params {
		grad := optest.As(p.Grad, f64)
		optest.Gradient(t, p.Name, grad, p.Value, 1e-5, 1e-8, func() float64 {
			program.Forward()
			return kernels.Data[float64](loss.Value())[0]
		})
	}
}

func TestAttention(t *testing.T) {
	checkLayer(t, [][]int{{2, 5, 3 * 6}}, func(s *layer.Scope, x []*tape.Var) *tape.Var { return layer.Attention(s, x[0], 2) })
}

func TestCrossAttention(t *testing.T) {
	checkLayer(t, [][]int{{2, 1, 6}, {2, 5, 2 * 6}}, func(s *layer.Scope, x []*tape.Var) *tape.Var {
		return layer.CrossAttention(s, x[0], x[1], 3)
	})
}

// TestRoPE: two blocks share the tables; the values of the first are used again, so that the rotation cannot always be in place.
func TestRoPE(t *testing.T) {
	checkLayer(t, [][]int{{2, 1 + 2*3, 3 * 8}}, func(s *layer.Scope, x []*tape.Var) *tape.Var {
		cos, sin := layer.RoPETables(s, 4, 2, 3, 100)
		first := layer.RoPE(s, layer.Add(s, x[0], x[0]), cos, sin, 2, 1)
		return layer.RoPE(s, layer.Add(s, first, x[0]), cos, sin, 2, 1)
	})
}
