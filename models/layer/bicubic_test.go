package layer_test

import (
	"testing"

	"udml-gpu/kernels/resize"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestBicubic: up and down; the same size records nothing.
func TestBicubic(t *testing.T) {
	for _, kind := range []resize.BicubicKind{resize.BicubicHF, resize.BicubicTIMM, resize.BicubicHub} {
		checkGradients(t, "bicubic", []int{4, 3, 2}, func(s *layer.Scope, x *tape.Var) *tape.Var {
			if same := layer.Bicubic(s, x, 4, 3, kind); same != x {
				t.Errorf("%d: the same size gives %v", kind, same)
			}
			return layer.Bicubic(s, x, 2, 5, kind)
		})
	}
}
