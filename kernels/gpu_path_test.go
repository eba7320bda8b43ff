package kernels_test

import (
	"testing"

	"udml-gpu/kernels"
)

// TestGPUPath: kernels take float32 alone, or where an op has both, arrays of one type.
func TestGPUPath(t *testing.T) {
	dev := fresh(t)
	f32, f64 := dev.New(kernels.Float32, 2), dev.New(kernels.Float64, 2)
	if p := kernels.PathOf("op", nil, f32, f32); p != kernels.OnGPU {
		t.Errorf("float32 goes %d", p)
	}
	for _, as := range [][]*kernels.Array{{f64}, {f32, f64}, {f64, f32}} {
		if got := refusal(func() { kernels.PathOf("op", as...) }); got != "op: float64[2] on cuda:0, want float32" {
			t.Errorf("%v: %q", as, got)
		}
	}
	for _, as := range [][]*kernels.Array{{f32, nil, f32}, {nil, f64, f64}} {
		if p := kernels.PathOfBoth("op", as...); p != kernels.OnGPU {
			t.Errorf("%v goes %d", as, p)
		}
	}
	if got := refusal(func() { kernels.PathOfBoth("op", f64, f32) }); got != "op: float32[2] on cuda:0, want float64" {
		t.Errorf("two types: %q", got)
	}
}
