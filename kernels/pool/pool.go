// Package pool makes maps of activations smaller: maximum and average over windows, and the mean over the whole map.
// Activations are NHWC.
package pool

import (
	"fmt"
	"unsafe"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Spec is how a square window moves over the map.
type Spec struct {
	Kernel int  // side of the window
	Stride int  // pixels from one window to the next
	Pad    int  // pixels around the map on each side, at most Kernel/2
	Ceil   bool // a last window that reaches over the edge counts too
}

// OutSize is the number of windows along an axis of in pixels, by torch's rule: (in + 2 Pad - Kernel) / Stride + 1
// rounded down, or up when Ceil, but then without a last window that would start beyond the map and its left padding.
// 0 when no window fits.
func (s Spec) OutSize(in int) int {
	span := in + 2*s.Pad - s.Kernel
	if s.Ceil {
		span += s.Stride - 1
	}
	if span < 0 {
		return 0
	}
	out := span/s.Stride + 1
	if s.Ceil && (out-1)*s.Stride >= in+s.Pad {
		out--
	}
	return out
}

// Max is torch.nn.functional.max_pool2d: y[n,i,j,c] is the largest x in the window that starts at row i Stride - Pad,
// column j Stride - Pad; pixels outside the map do not count, and a NaN is larger than everything.
//
// x [N,H,W,C], y [N,OutSize(H),OutSize(W),C], float32, float64 or bfloat16; at is uint8 of y's shape and receives where in
// the window (row by row, Kernel to a row) the first maximum was, or the last NaN, as torch counts. Kernel is at most 15.
// Exact. Mismatched shapes and types panic.
func Max(y, at, x *kernels.Array, s Spec) {
	g := geometryOf("pool.Max", y, x, s)
	wantPositions("pool.Max", at, y, s)
	switch kernels.PathOfMaps("pool.Max", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		maxCUDA(y, at, x, g)
	case kernels.InFloat64:
		maximum(kernels.Data[float64](y), kernels.Data[uint8](at), kernels.Data[float64](x), g)
	case kernels.InFloat32:
		maximum(kernels.Data[float32](y), kernels.Data[uint8](at), kernels.Data[float32](x), g)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Max(w.Out(y), at, w.In(x), s)
		w.Done()
	}
}

// MaxBackward is the gradient of Max: dy of each window goes to the element that was its maximum. dx [N,H,W,C] is
// overwritten; nil is not computed. dy and at have the shape of Max's y. A sum of dy that is bfloat16 is rounded once.
func MaxBackward(dx, dy, at *kernels.Array, s Spec) {
	if dx == nil {
		return
	}
	g := geometryOf("pool.MaxBackward", dy, dx, s)
	wantPositions("pool.MaxBackward", at, dy, s)
	switch kernels.PathOfMaps("pool.MaxBackward", []*kernels.Array{dx, dy}) {
	case kernels.OnGPU:
		maxBackwardCUDA(dx, dy, at, g)
	case kernels.InFloat64:
		maximumBackward(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[uint8](at), g)
	case kernels.InFloat32:
		maximumBackward(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[uint8](at), g)
	case kernels.InBFloat16:
		var w bfloat.Wide
		MaxBackward(w.Out(dx), w.In(dy), at, s)
		w.Done()
	}
}

// wantPositions panics unless at can hold positions in windows for each element of y.
func wantPositions(op string, at, y *kernels.Array, s Spec) {
	kernels.WantShape(op, "at", at, y.Shape()...)
	kernels.WantType(op, "at", at, kernels.Uint8)
	if s.Kernel > 15 {
		panic(fmt.Sprintf("%s: positions in a window of side %d do not fit a byte", op, s.Kernel))
	}
}

// geometry is the sizes of one pooling.
type geometry struct {
	Spec
	n, h, w, c, oh, ow int
}

// geometryOf checks the arrays of a call, y also standing for dy and x for dx, and gathers their sizes.
func geometryOf(op string, y, x *kernels.Array, s Spec) geometry {
	kernels.WantShape(op, "x", x, -1, -1, -1, -1)
	kernels.WantType(op, "y", y, x.DType())
	if s.Kernel < 1 || s.Stride < 1 || s.Pad < 0 || s.Pad > s.Kernel/2 {
		panic(fmt.Sprintf("%s: window %d with stride %d and padding %d", op, s.Kernel, s.Stride, s.Pad))
	}
	g := geometry{Spec: s, n: x.Dim(0), h: x.Dim(1), w: x.Dim(2), c: x.Dim(3)}
	g.oh, g.ow = s.OutSize(g.h), s.OutSize(g.w)
	kernels.WantShape(op, "y", y, g.n, g.oh, g.ow, g.c)
	return g
}

// tileBytes is roughly the bytes that a tile reads: enough to pay for a goroutine, little enough for many tiles.
const tileBytes = 128 << 10

// lines is the number of lines of output (rows of one image) in a tile.
func lines[T kernels.Float](g *geometry) int {
	return max(1, tileBytes/max(1, g.Stride*g.w*g.c*int(unsafe.Sizeof(*new(T)))))
}

// images is the number of images in a tile, for gradients, to which several windows of one image add.
func images[T kernels.Float](g *geometry) int { return max(1, lines[T](g)/max(1, g.oh)) }

// window is the part [lo,hi) of output i's window, along an axis of size pixels, that lies in the map.
func (g *geometry) window(i, size int) (lo, hi int) {
	start := i*g.Stride - g.Pad
	return max(start, 0), min(start+g.Kernel, size)
}
