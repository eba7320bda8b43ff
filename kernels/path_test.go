package kernels

import "testing"

// TestPathOf: the first array that is there decides, and all must be of its type.
func TestPathOf(t *testing.T) {
	dev := CPU()
	f32, f64, i32 := dev.New(Float32, 2), dev.New(Float64, 2), dev.New(Int32, 2)
	if p := PathOf("op", f32, nil, f32); p != InFloat32 {
		t.Errorf("float32 goes %d", p)
	}
	if p := PathOf("op", nil, f64, f64, nil); p != InFloat64 {
		t.Errorf("float64 goes %d", p)
	}
	mustPanic(t, "two types", func() { PathOf("op", f32, f64) })
	mustPanic(t, "two types the other way", func() { PathOf("op", f64, nil, f32) })
	mustPanic(t, "integers", func() { PathOf("op", i32) })
	mustPanic(t, "integers among floats", func() { PathOf("op", f32, i32) })
	mustPanic(t, "no array", func() { PathOf("op", nil, nil) })
	if p, q := PathOfBoth("op", f32, nil, f32), PathOfBoth("op", nil, f64); p != InFloat32 || q != InFloat64 {
		t.Errorf("an op of both types: float32 goes %d, float64 %d", p, q)
	}
	mustPanic(t, "two types of both", func() { PathOfBoth("op", f32, f64) })
	mustPanic(t, "no array of both", func() { PathOfBoth("op", nil, nil) })
	if n := testing.AllocsPerRun(10, func() { PathOf("op", f32, nil, f32) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
