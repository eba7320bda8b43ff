package vector

import "testing"

// TestDepthwise has a line of three outputs of one channel, by hand, and lines that do not fit their slices, which are found before C
// sees them. kernels/depthwise compares all bits with Go's loops.
func TestDepthwise(t *testing.T) {
	if !Available() {
		t.Skip("built without cgo")
	}
	good := Line{Channels: 1, Count: 3, Every: 1, Start: -1, Step: 1, Width: 3, Rows: 1, Cols: 3, Row: 3, WeightRow: 3, Weight: 1}
	x, w, y := []float32{1, 2, 3}, []float32{10, 100, 1000}, []float32{-1, -1, -1}
	DepthwiseLine(y, x, w, []float32{0.5}, 0, good)
	if y[0] != 2100.5 || y[1] != 3210.5 || y[2] != 320.5 {
		t.Errorf("sums are %v instead of 2100.5 3210.5 320.5", y)
	}
	dw := []float32{1, 1, 1}
	DepthwiseWeights(dw, []float32{1, 10, 100}, x, good)
	if dw[0] != 211 || dw[1] != 322 || dw[2] != 33 {
		t.Errorf("sums over outputs are %v instead of 211 322 33", dw)
	}
	spread, back := good, good
	spread.Every = 2
	back.Weight = -1
	for what, call := range map[string]func(){
		"short y":        func() { DepthwiseLine(y[:2], x, w, nil, 0, good) },
		"spread y":       func() { DepthwiseLine(y, x, w, nil, 0, spread) },
		"short x":        func() { DepthwiseLine(y, x[:2], w, nil, 0, good) },
		"short weights":  func() { DepthwiseLine(y, x, w, nil, 1, good) },
		"before weights": func() { DepthwiseLine(y, x, w, nil, 1, back) },
		"short start":    func() { DepthwiseLine(y, x, w, []float32{}, 0, good) },
		"short dw":       func() { DepthwiseWeights(dw[:2], y, x, good) },
		"short dy":       func() { DepthwiseWeights(dw, y[:2], x, good) },
	} {
		if !panics(call) {
			t.Errorf("%s: not refused", what)
		}
	}
}
