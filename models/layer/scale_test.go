package layer_test

import (
	"testing"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestScale: alone and with the sum, of a residual that is used once more, and of one that is not.
func TestScale(t *testing.T) {
	checkGradients(t, "scale", []int{2, 3, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.Scale(s.In("block"), "ls1.gamma", x, 0.1)
	})
	checkGradients(t, "scale and add", []int{3, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		h := layer.Linear(s, "fc", x, 5)
		h = layer.ScaleAdd(s, "ls1.gamma", h, layer.Sigmoid(s, h), 0.1)
		return layer.ScaleAdd(s, "ls2.gamma", layer.Sigmoid(s, h), h, 0.1)
	})
}
