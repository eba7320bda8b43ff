package layer_test

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestTokens: with all parameters and with none; the class row and the map both lead back to the same rows.
func TestTokens(t *testing.T) {
	checkGradients(t, "tokens", []int{2, 6, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		prefix, pos := layer.Parameter(s, "cls_token", 0.02, 3, 5), layer.Parameter(s, "pos_embed", 0.02, 6, 5)
		h := layer.Tokens(s, x, prefix, pos, layer.Parameter(s, "first", 0, 1, 5))
		pooled := layer.GlobalAveragePool(s, layer.TokenMap(s, layer.Sigmoid(s, h), 3, 2, 3))
		return layer.Concat(s, layer.TokenRow(s, h, 0), layer.TokenRow(s, h, 2), pooled)
	})
	checkGradients(t, "patches", []int{2, 6, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.TokenRows(s, layer.Tokens(s, x, nil, nil, nil), 1, 3)
	})
	checkGradients(t, "positions", []int{2, 2, 5}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.Tokens(s, x, nil, layer.Parameter(s, "pos", 1, 2, 5), nil)
	})
}

// TestParameter: mean, deviation and cut of the start, within 5 deviations of their own; it depends on the name alone.
func TestParameter(t *testing.T) {
	dev, n := kernels.CPU(), 40000
	store := layer.NewStore(dev, kernels.Float64, 3)
	s := layer.NewScope(tape.New(dev, kernels.Float64, true), store)
	v := kernels.Data[float64](layer.Parameter(s, "pos", 0.02, n/4, 4).Value())
	sum, squares, most := 0.0, 0.0, 0.0
	for _, x := range v {
		sum += x / 0.02
		squares += x * x / 0.0004
		most = max(most, math.Abs(x)/0.02)
	}
	// the deviation of a normal distribution cut at 2 is 0.8796, that of its square 0.9
	if mean, variance := sum/float64(n), squares/float64(n); !(math.Abs(mean) < 5*0.88/200 && math.Abs(variance-0.8796*0.8796) < 5*0.9/200) {
		t.Errorf("mean %g, variance %g", mean, variance)
	}
	if !(most > 1.99 && most <= 2) {
		t.Errorf("the largest is %g deviations off", most)
	}
	again := layer.NewScope(tape.New(dev, kernels.Float64, true), layer.NewStore(dev, kernels.Float64, 3))
	layer.Parameter(again, "other", 0.02, 8)
	if w := kernels.Data[float64](layer.Parameter(again, "pos", 0.02, 8).Value()); w[7] != v[7] {
		t.Errorf("%g after another parameter, %g before", w[7], v[7])
	}
	for _, x := range kernels.Data[float64](layer.Parameter(s, "zero", 0, 3).Value()) {
		if x != 0 {
			t.Errorf("%g instead of zero", x)
		}
	}
}
