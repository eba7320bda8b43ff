// Package conv is two-dimensional convolution, as networks use the word: torch.nn.functional.conv2d with one group.
//
// Activations are NHWC, weights OHWI: the patch of the image under the kernel and a filter are then rows of two
// matrices, and the convolution is their product. On the CPU, patches are copied side by side (im2col) for a few
// lines of output at a time, so that they are still in the second-level cache when the product reads them.
package conv

import (
	"fmt"

	"udml-gpu/cgo/onednn"
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Spec is how the kernel moves over the image; the kernel's size is that of the weights.
type Spec struct {
	Stride int  // pixels from one patch to the next, at least 1
	Pad    int  // zeros around the image, on each side
	Extra  int  // more zeros below and right of it, as TensorFlow's padding "same" has where Pad cannot be the same on all sides
	ReLU   bool // Forward's result is max(0, .) of the convolution
	// Apart: on the CPU, Forward computes each image on its own, so that its bytes do not depend on the images beside it.
	Apart bool
}

// OutSize is the number of kernel positions along an axis of in pixels: floor((in + 2 Pad + Extra - kernel) / Stride) + 1,
// or 0 when the kernel does not fit.
func (s Spec) OutSize(in, kernel int) int {
	padded := in + 2*s.Pad + s.Extra
	if padded < kernel {
		return 0
	}
	return (padded-kernel)/s.Stride + 1
}

// Forward is torch.nn.functional.conv2d:
//
//	y[n,i,j,o] = b[o] + sum_{p,q,c} w[o,p,q,c] x[n, i Stride + p - Pad, j Stride + q - Pad, c]
//
// with pixels outside the image 0, and then max(0, .) that keeps NaN when s.ReLU. x [N,H,W,C], w [O,KH,KW,C],
// b [O] or nil, y [N,OutSize(H,KH),OutSize(W,KW),O]; all float32 or all float64, or x, w and y bfloat16 and b float32. Mismatched shapes
// panic.
//
// Error: that of a sum of KH KW C + 1 products, (KH KW C + 16) eps sum |w x|. On a GPU, float32 only, cuDNN convolves
// where it is installed, the own kernels otherwise: to this bound with precision FP32, and with factors rounded to 2^-11
// of themselves with TF32, and to 2^-8 with BF16 by the own kernels; cuDNN takes BF16 of float32 arrays as TF32. Products of bfloat16 are
// exact, sums in float32, and y is rounded once more; by cuDNN before bias and ReLU, and after them again.
//
// The bytes of an image depend on its place in the batch where the library's sums depend on a row's place in a matrix, as
// those of OpenBLAS for Haswell, Zen and Prescott do. Not so with s.Apart.
func Forward(y, x, w, b *kernels.Array, s Spec) {
	g := geometryOf("conv.Forward", y, x, w, s)
	if b != nil {
		kernels.WantShape("conv.Forward", "b", b, g.o)
	}
	switch kernels.PathOfMaps("conv.Forward", []*kernels.Array{y, x, w}, b) {
	case kernels.OnGPU:
		forwardCUDA(y, x, w, b, g, s.ReLU)
	case kernels.InFloat64:
		forward(kernels.Data[float64](y), kernels.Data[float64](x), kernels.Data[float64](w), elements[float64](b), g, s)
	case kernels.InFloat32:
		out, in, filters, bias := kernels.Data[float32](y), kernels.Data[float32](x), kernels.Data[float32](w), elements[float32](b)
		if !g.library(onednn.Forward) || !forwardLibrary(out, in, filters, bias, g, s.ReLU) {
			forward(out, in, filters, bias, g, s)
		}
	case kernels.InBFloat16:
		var wide bfloat.Wide
		Forward(wide.Out(y), wide.In(x), wide.In(w), b, s)
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

// geometryOf checks the arrays of a call, y also standing for dy and x for dx, and gathers their sizes.
func geometryOf(op string, y, x, w *kernels.Array, s Spec) geometry {
	kernels.WantShape(op, "x", x, -1, -1, -1, -1)
	kernels.WantShape(op, "w", w, -1, -1, -1, x.Dim(3))
	if s.Stride < 1 || s.Pad < 0 || s.Extra < 0 || w.Dim(1) < 1 || w.Dim(2) < 1 {
		panic(fmt.Sprintf("%s: kernel %v with stride %d and padding %d and %d more", op, w, s.Stride, s.Pad, s.Extra))
	}
	g := geometry{
		n: x.Dim(0), h: x.Dim(1), w: x.Dim(2), c: x.Dim(3),
		o: w.Dim(0), kh: w.Dim(1), kw: w.Dim(2), stride: s.Stride, pad: s.Pad,
	}
	g.oh, g.ow = s.OutSize(g.h, g.kh), s.OutSize(g.w, g.kw)
	kernels.WantShape(op, "y", y, g.n, g.oh, g.ow, g.o)
	return g
}
