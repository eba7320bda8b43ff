package layer_test

import (
	"testing"

	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestDepthwise2D also reads x a second time, so that its gradient is added to one that is there.
func TestDepthwise2D(t *testing.T) {
	for _, d := range []layer.Depthwise{
		{Kernel: 3, Stride: 2, PadAfter: 1, NoBias: true},
		{Kernel: 5, PadBefore: 2, PadAfter: 2},
		{Kernel: 7, Stride: 2, PadBefore: 3, PadAfter: 3},
	} {
		checkGradients(t, "depthwise", []int{2, 4, 5, 3}, func(s *layer.Scope, x *tape.Var) *tape.Var {
			y := layer.Depthwise2D(s, "dw", x, d)
			return layer.Concat(s, layer.GlobalAveragePool(s, y), layer.GlobalAveragePool(s, x))
		})
	}
}

// TestPointwise: gradients, and the same numbers as a linear layer on each pixel.
func TestPointwise(t *testing.T) {
	got := checkGradients(t, "pointwise", []int{2, 3, 2, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.Pointwise(s, "fc", x, 7)
	})
	want := checkGradients(t, "linear", []int{12, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.Linear(s, "fc", x, 7)
	})
	optest.Near(t, "pointwise", got, want.View(0, 2, 3, 2, 7), 1e-14)
}
