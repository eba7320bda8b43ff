// Package depthwise is two-dimensional convolution of each channel with a filter of its own, as MobileNets and ConvNeXt have it:
// torch.nn.functional.conv2d with as many groups as channels.
//
// Activations are NHWC. Weights are [C,KH,KW,1], which is conv's OHWI with one input channel, so that files hold them as torch's
// [C,1,KH,KW]; the passes work on a copy [KH,KW,C], because neighbouring channels are neighbours in memory then.
package depthwise

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Spec is how the kernel moves over the image; the kernel's size is that of the weights.
type Spec struct {
	Stride int // pixels from one patch to the next, at least 1
	// Zeros above and left of the image, and below and right of it. TensorFlow's padding "same" has one more behind than before
	// where their sum is odd.
	PadBefore, PadAfter int
}

// OutSize is the number of kernel positions along an axis of in pixels: floor((in + PadBefore + PadAfter - kernel) / Stride) + 1, or
// 0 when the kernel does not fit.
func (s Spec) OutSize(in, kernel int) int {
	padded := in + s.PadBefore + s.PadAfter
	if padded < kernel {
		return 0
	}
	return (padded-kernel)/s.Stride + 1
}

// Forward is torch.nn.functional.conv2d with groups = C, after torch.nn.functional.pad where the padding's sides differ:
//
//	y[n,i,j,c] = b[c] + sum_{p,q} w[c,p,q,0] x[n, i Stride + p - PadBefore, j Stride + q - PadBefore, c]
//
// with pixels outside the image 0, or left out: a weight that is not finite shows only where it meets a pixel. x [N,H,W,C], w
// [C,KH,KW,1], b [C] or nil, y [N,OutSize(H,KH),OutSize(W,KW),C]; all float32 or all float64, or x, w and y bfloat16 and b float32.
// Mismatched shapes panic. Error: that of a sum of KH KW + 1 products, (KH KW + 16) eps sum |w x|. Each element is a sum of its own on the
// CPU: the bytes of an image do not depend on the images beside it. On a GPU, not in float64, the own kernels compute in float32 at any
// precision; with UDML_CUDNN_DEPTHWISE=1 cuDNN does, by algorithms that give the same bits in every run, where it takes the shape. There, a
// number that is not finite may show where it meets the padding. A y of bfloat16 is rounded once more; by cuDNN before the bias, and after
// it again.
func Forward(y, x, w, b *kernels.Array, s Spec) {
	g := geometryOf("depthwise.Forward", y, x, w, s)
	if b != nil {
		kernels.WantShape("depthwise.Forward", "b", b, g.c)
	}
	switch kernels.PathOfMaps("depthwise.Forward", []*kernels.Array{y, x, w}, b) {
	case kernels.OnGPU:
		forwardCUDA(y, x, w, b, g)
	case kernels.InFloat64:
		forward(kernels.Data[float64](y), kernels.Data[float64](x), kernels.Data[float64](w), elements[float64](b), g)
	case kernels.InFloat32:
		forward(kernels.Data[float32](y), kernels.Data[float32](x), kernels.Data[float32](w), elements[float32](b), g)
	case kernels.InBFloat16:
		var wide bfloat.Wide
		Forward(wide.Out(y), wide.In(x), wide.In(w), b, s)
		wide.Done()
	}
}

// BackwardData is the gradient of Forward with respect to x, given dy, the gradient of y:
//
//	dx[n,h,w,c] = sum over p,q with i Stride + p - PadBefore = h and j Stride + q - PadBefore = w of w[c,p,q,0] dy[n,i,j,c]
//
// dx [N,H,W,C] is overwritten, or added to when accumulate; it must not be dy. A nil dx is not computed. Types are Forward's.
// Error: that of a sum of KH KW products; on a GPU as with Forward.
func BackwardData(dx, dy, w *kernels.Array, s Spec, accumulate bool) {
	if dx == nil {
		return
	}
	g := geometryOf("depthwise.BackwardData", dy, dx, w, s)
	switch kernels.PathOfMaps("depthwise.BackwardData", []*kernels.Array{dy, dx, w}) {
	case kernels.OnGPU:
		backwardDataCUDA(dx, dy, w, g, accumulate)
	case kernels.InFloat64:
		backwardData(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](w), g, accumulate)
	case kernels.InFloat32:
		backwardData(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](w), g, accumulate)
	case kernels.InBFloat16:
		var wide bfloat.Wide
		BackwardData(wide.Out(dx), wide.In(dy), wide.In(w), s, accumulate)
		wide.Done()
	}
}

// BackwardWeights is the gradient of Forward with respect to the weights and the bias, given dy, the gradient of y:
//
//	dw[c,p,q,0] = sum_{n,i,j} dy[n,i,j,c] x[n, i Stride + p - PadBefore, j Stride + q - PadBefore, c]
//	db[c] = sum_{n,i,j} dy[n,i,j,c]
//
// dw [C,KH,KW,1] and db [C] are overwritten; a nil one is not computed. Sums are kept for lines and for a number of parts of the
// batch that the shape decides, and added in order: error (OW + lines of a part + parts) eps sum |dy x|; on a GPU as with Forward. Where
// x and dy are bfloat16, dw and db are float32; cuDNN rounds dw to bfloat16.
func BackwardWeights(dw, db, x, dy *kernels.Array, s Spec) {
	const op = "depthwise.BackwardWeights"
	if db != nil {
		kernels.WantShape(op, "db", db, dy.Dim(3))
	}
	maps := []*kernels.Array{dy}
	if dw != nil {
		maps = append(maps, x)
	}
	switch kernels.PathOfMaps(op, maps, dw, db) {
	case kernels.OnGPU:
		backwardWeightsCUDA(dw, db, x, dy, s)
	case kernels.InFloat64:
		backwardWeights[float64](dw, db, x, dy, s)
	case kernels.InFloat32:
		backwardWeights[float32](dw, db, x, dy, s)
	case kernels.InBFloat16:
		var wide bfloat.Wide
		BackwardWeights(dw, db, wide.In(x), wide.In(dy), s)
		wide.Done()
	}
}

// elements is the data of an array that may be nil.
func elements[T kernels.Float](a *kernels.Array) []T {
	if a == nil {
		return nil
	}
	return kernels.Data[T](a)
}

// geometry is the sizes of one convolution. A line is one row of output pixels of one image; there are n*oh.
type geometry struct {
	n, h, w, c int // input
	oh, ow     int // output
	kh, kw     int
	stride     int
	before     int // padding above and left
}

// geometryOf checks the arrays of a call, y also standing for dy and x for dx, and gathers their sizes.
func geometryOf(op string, y, x, w *kernels.Array, s Spec) geometry {
	kernels.WantShape(op, "x", x, -1, -1, -1, -1)
	kernels.WantShape(op, "w", w, x.Dim(3), -1, -1, 1)
	if s.Stride < 1 || s.PadBefore < 0 || s.PadAfter < 0 || w.Dim(1) < 1 || w.Dim(2) < 1 {
		panic(fmt.Sprintf("%s: kernel %v with stride %d and padding %d and %d", op, w, s.Stride, s.PadBefore, s.PadAfter))
	}
	g := geometry{
		n: x.Dim(0), h: x.Dim(1), w: x.Dim(2), c: x.Dim(3), kh: w.Dim(1), kw: w.Dim(2),
		stride: s.Stride, before: s.PadBefore,
	}
	g.oh, g.ow = s.OutSize(g.h, g.kh), s.OutSize(g.w, g.kw)
	kernels.WantShape(op, "y", y, g.n, g.oh, g.ow, g.c)
	return g
}

// taps is the number of weights of a channel.
func (g *geometry) taps() int { return g.kh * g.kw }
