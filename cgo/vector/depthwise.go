//go:build cgo

package vector

// #include "vector.h"
import "C"

// Line is one line of outputs of a depthwise correlation, and the taps over each. Output j is under the taps that begin at pixel
// Start + j Step of a row of Width pixels; taps outside of the row are left out.
type Line struct {
	Channels           int
	Count              int // outputs
	Every              int // pixels from one output to the next where it is stored
	Start, Step, Width int
	Rows, Cols         int // taps
	Row                int // pixels from one row of x to the next
	WeightRow, Weight  int // pixels from one row of weights to the next, and from one weight to the next; may be negative
	Add                bool
}

// DepthwiseLine is y = start + the sum over taps of x weight, for every channel; added to y where Add is set. x begins with the
// row of the first taps, w has the weights of all taps, those of the first tap at pixel first. start [Channels] may be nil: zeros.
// The order of the sum is that of rows, and of the taps in each.
func DepthwiseLine(y, x, w, start []float32, first int, l Line) {
	if l.Count*l.Channels == 0 {
		return
	}
	l.check(len(y), (l.Count-1)*l.Every+1)
	if l.Rows > 0 && l.Cols > 0 && l.Width > 0 {
		l.check(len(x), (l.Rows-1)*l.Row+l.Width)
		for _, tap := range [...]int{first, first + (l.Rows-1)*l.WeightRow, first + (l.Cols-1)*l.Weight} {
			l.check(len(w), tap+1)
		}
		l.check(len(w), first+(l.Rows-1)*l.WeightRow+(l.Cols-1)*l.Weight+1)
	} else {
		l.Rows, first, w = 0, 0, y
	}
	if start != nil {
		l.check(len(start), 1)
	}
	C.udml_depthwise_line(pointer(y), pointer(x), pointer(w[first*l.Channels:]), pointer(start), l.c())
}

// DepthwiseWeights adds to dw, for every tap and channel, the sum over the line's outputs of dy x. dw has the rows of taps that lie
// in x, each of Cols pixels; x begins with the first of their rows.
func DepthwiseWeights(dw, dy, x []float32, l Line) {
	if l.Count*l.Channels == 0 || l.Rows == 0 || l.Cols == 0 || l.Width == 0 {
		return
	}
	l.check(len(dw), l.Rows*l.Cols)
	l.check(len(dy), l.Count)
	l.check(len(x), (l.Rows-1)*l.Row+l.Width)
	l.WeightRow, l.Weight = l.Cols, 1
	C.udml_depthwise_weights(pointer(dw), pointer(dy), pointer(x), l.c())
}

// check panics unless a slice of that length holds the pixels.
func (l *Line) check(length, pixels int) {
	if pixels < 1 || length < pixels*l.Channels {
		panic("vector: a line of the depthwise convolution lies outside of its arrays")
	}
}

func (l *Line) c() C.struct_udml_taps {
	t := C.struct_udml_taps{
		channels: C.int(l.Channels), count: C.int(l.Count), start: C.int(l.Start), step: C.int(l.Step), width: C.int(l.Width),
		rows: C.int(l.Rows), cols: C.int(l.Cols), y_step: C.long(l.Every * l.Channels), x_row: C.long(l.Row * l.Channels),
		w_row: C.long(l.WeightRow * l.Channels), w_col: C.long(l.Weight * l.Channels),
	}
	if l.Add {
		t.add = 1
	}
	return t
}
