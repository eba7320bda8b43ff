package vector

import (
	"math"
	"testing"
)

// The ops that use these loops test them against their own; here are the cases that are easy to get wrong.
func TestBiasFloor(t *testing.T) {
	if !Available() {
		t.Skip("built without cgo")
	}
	nan := float32(math.NaN())
	y := []float32{1, -3, nan, -nan, 0, 5}
	BiasFloor(y, []float32{1, 1, 1}, 0)
	for i, want := range []float32{2, 0, nan, nan, 1, 6} {
		if y[i] != want && (y[i] == y[i] || want == want) {
			t.Errorf("element %d: %g instead of %g", i, y[i], want)
		}
	}
	BiasFloor(nil, []float32{1}, 0)
}

func TestAddRows(t *testing.T) {
	if !Available() {
		t.Skip("built without cgo")
	}
	sum := []float32{1, 2, 3}
	AddRows(sum, []float32{10, 20, 30, 100, 200, 300})
	AddRows(nil, []float32{1})
	if sum[0] != 111 || sum[1] != 222 || sum[2] != 333 {
		t.Errorf("%v instead of 111 222 333", sum)
	}
}

func TestMaxLine(t *testing.T) {
	if !Available() {
		t.Skip("built without cgo")
	}
	nan := float32(math.NaN())
	image := []float32{ // 2 x 4, one channel
		1, 1, nan, 0,
		0, 1, nan, 7,
	}
	y, at := make([]float32, 2), make([]uint8, 2)
	MaxLine(y, at, image, Windows{Width: 4, Channels: 1, Count: 2, Kernel: 2, Stride: 2, Row: 0, Top: 0, Bottom: 2})
	if y[0] != 1 || at[0] != 0 || y[1] == y[1] || at[1] != 2 {
		t.Errorf("maxima %v at %v, want 1 and NaN at 0 and 2", y, at)
	}
}

// TestResizeRefuses: slices and filters that do not fit are found before C sees them.
func TestResizeRefuses(t *testing.T) {
	if !Available() {
		t.Skip("built without cgo")
	}
	good := Taps{Start: []int32{0, 1}, Offset: []int32{0, 1, 3}, Weights: []int32{1 << 22, 1 << 21, 1 << 21}, Bits: 22}
	dst := make([]uint8, 4)
	ResizeRows(dst, []uint8{10, 20, 31, 0, 0, 1}, 2, 3, 3, 1, false, good)
	if dst[0] != 10 || dst[1] != 26 || dst[2] != 0 || dst[3] != 1 {
		t.Errorf("rows are %v instead of 10 26 0 1", dst)
	}
	ResizeColumns(dst, []uint8{10, 11, 20, 21, 31, 30}, 2, good)
	if dst[0] != 10 || dst[1] != 11 || dst[2] != 26 || dst[3] != 26 {
		t.Errorf("columns are %v instead of 10 11 26 26", dst)
	}
	src := make([]uint8, 100)
	outside, short := good, good
	outside.Start = []int32{0, 2}
	short.Weights = short.Weights[:2]
	for what, call := range map[string]func(){
		"short dst":           func() { ResizeRows(dst[:3], src, 2, 3, 3, 1, false, good) },
		"short src":           func() { ResizeRows(dst, src[:5], 2, 3, 3, 1, false, good) },
		"short colours":       func() { ResizeRows(make([]uint8, 12), src[:23], 2, 3, 12, 3, true, good) },
		"one colour":          func() { ResizeRows(dst, src, 2, 3, 12, 1, true, good) },
		"tap outside":         func() { ResizeRows(dst, src, 2, 3, 3, 1, false, outside) },
		"weight missing":      func() { ResizeRows(dst, src, 2, 3, 3, 1, false, short) },
		"short columns":       func() { ResizeColumns(dst[:3], src, 2, good) },
		"tap below the image": func() { ResizeColumns(dst, src[:5], 2, good) },
	} {
		if !panics(call) {
			t.Errorf("%s: not refused", what)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
