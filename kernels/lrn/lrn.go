// Package lrn holds local response normalisation across channels, as AlexNet and the first GoogLeNet have it.
package lrn

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Spec is the normalisation's window and constants. Caffe's defaults are Size 5, Alpha 1e-4, Beta 0.75, K 1.
type Spec struct {
	Size           int // channels in a window, odd: as many before a channel as behind it
	Alpha, Beta, K float64
}

// Forward is torch.nn.functional.local_response_norm, which equals Caffe's LRN layer across channels:
//
//	y[..,c] = x[..,c] s[..,c]^-Beta,  s[..,c] = K + Alpha/Size sum_{|d| <= Size/2} x[..,c+d]^2
//
// where channels outside of x count as zeros. x, y [N,H,W,C], float32, float64 or bfloat16, whose results are rounded once; y must
// not be x. An infinite x makes NaN of itself and zeros of its window, as division does. Relative error in float32: (Size + 8) eps.
// On a GPU squares are summed in float32, so that |x| above 1e19 counts as infinite. Mismatched shapes and types, an even Size and a
// negative constant panic.
func Forward(y, x *kernels.Array, s Spec) {
	s.want("lrn.Forward", y, x)
	switch kernels.PathOfMaps("lrn.Forward", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		forwardCUDA(y, x, s)
	case kernels.InFloat64:
		forward(kernels.Data[float64](y), kernels.Data[float64](x), x.Dim(3), s)
	case kernels.InFloat32:
		forward(kernels.Data[float32](y), kernels.Data[float32](x), x.Dim(3), s)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Forward(w.Out(y), w.In(x), s)
		w.Done()
	}
}

// Backward is the gradient of Forward:
//
//	dx[..,c] = dy[..,c] s[..,c]^-Beta - 2 Alpha Beta/Size x[..,c] sum_{|d| <= Size/2} (dy x s^(-Beta-1))[..,c+d]
//
// x, dy, dx [N,H,W,C] of Forward's types; s is computed again rather than kept, because a step is short of memory rather than of
// arithmetic. dx is overwritten and must be neither x nor dy; nil is not computed. Error in float32: (3 Size + 16) eps times the sum
// of the terms' absolute values.
func Backward(dx, dy, x *kernels.Array, s Spec) {
	if dx == nil {
		return
	}
	s.want("lrn.Backward", dx, x)
	s.want("lrn.Backward", dy, x)
	switch kernels.PathOfMaps("lrn.Backward", []*kernels.Array{dx, dy, x}) {
	case kernels.OnGPU:
		backwardCUDA(dx, dy, x, s)
	case kernels.InFloat64:
		backward(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](x), x.Dim(3), s)
	case kernels.InFloat32:
		backward(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](x), x.Dim(3), s)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Backward(w.Out(dx), w.In(dy), w.In(x), s)
		w.Done()
	}
}

// want panics unless y (or a gradient) fits x and the constants make sense.
func (s Spec) want(op string, y, x *kernels.Array) {
	kernels.WantShape(op, "x", x, -1, -1, -1, -1)
	kernels.WantShape(op, "y", y, x.Shape()...)
	kernels.WantType(op, "y", y, x.DType())
	if s.Size < 1 || s.Size%2 == 0 || !(s.Alpha >= 0) || !(s.Beta >= 0) || !(s.K > 0) {
		panic(fmt.Sprintf("%s: window %+v; an odd Size, no negative constant and K > 0 are wanted", op, s))
	}
}

// half is how many neighbours count on each side.
func (s Spec) half() int { return s.Size / 2 }

// share is the weight of a square in s.
func (s Spec) share() float64 { return s.Alpha / float64(s.Size) }
