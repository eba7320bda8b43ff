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
