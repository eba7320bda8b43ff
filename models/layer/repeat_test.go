package layer_test

import (
	"testing"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

func TestRepeat(t *testing.T) {
	checkGradients(t, "repeat", []int{2, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var { return layer.Repeat(s, x, 3) })
}

// TestQKVBias: as the bias of a linear layer, whose keys then have none.
func TestQKVBias(t *testing.T) {
	checkGradients(t, "bias of queries and values", []int{2, 3, 4}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		bias := layer.QKVBias(s, layer.Parameter(s, "q_bias", 1, 2), layer.Parameter(s, "v_bias", 1, 2))
		return layer.Dense(s, "qkv", x, layer.DenseSpec{Out: 6, Bias: bias})
	})
}
