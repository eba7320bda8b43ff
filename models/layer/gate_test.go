package layer_test

import (
	"testing"

	"udml-gpu/kernels/act"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

func TestGates(t *testing.T) {
	for _, kind := range []act.GELUKind{act.GELUErf, act.GELUTanh, act.GELUQuick} {
		checkGradients(t, "gelu", []int{3, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
			return layer.GELU(s, layer.GELU(s, x, kind), kind) // the second may take the memory of the first's result
		})
	}
	checkGradients(t, "relu6", []int{3, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.ReLU6(s, layer.Linear(s, "fc", x, 4))
	})
	checkGradients(t, "swiglu", []int{3, 8}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		gate, up := layer.Halves(s, layer.Linear(s, "w12", x, 10))
		return layer.SwiGLU(s, gate, up)
	})
}
