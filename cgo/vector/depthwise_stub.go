//go:build !cgo

package vector

// Line is one line of outputs of a depthwise correlation.
type Line struct {
	Channels           int
	Count              int
	Every              int
	Start, Step, Width int
	Rows, Cols         int
	Row                int
	WeightRow, Weight  int
	Add                bool
}

// DepthwiseLine is never called, because Available is false.
func DepthwiseLine(y, x, w, start []float32, first int, l Line) { panic(absent) }

// DepthwiseWeights is never called, because Available is false.
func DepthwiseWeights(dw, dy, x []float32, l Line) { panic(absent) }
