package resize

import (
	"fmt"

	"udml-gpu/kernels"
)

// BicubicKind is one of the ways in which published code resizes the position grid of a vision transformer.
type BicubicKind uint8

// The kinds. Keys' kernel with a = -0.75 interpolates four neighbours, of which those outside of the grid are its border; with
// antialiasing, a = -0.5, the kernel is as much wider as the grid shrinks, and is cut at the border and brought to a sum of 1.
const (
	// BicubicHF is interpolate(size=(h, w), mode="bicubic"): Hugging Face's transformers.
	BicubicHF BicubicKind = iota
	// BicubicTIMM is interpolate(size=(h, w), mode="bicubic", antialias=True): timm.
	BicubicTIMM
	// BicubicHub is interpolate(scale_factor=((h+0.1)/H, (w+0.1)/W), mode="bicubic"): Meta's own code of DINO and DINOv2, where the 0.1
	// also moves the places.
	BicubicHub
)

// Bicubic resizes a grid x [H,W,D] to y [h,w,D], as torch's interpolate with align_corners=False does in each kind: y is
// A x B^T along the first two axes, with weights A [h,H], B [w,W]. float32 or float64; weights are computed in float64 and rounded. A
// number of weight 0 does not count, NaN included. Error in float32: (taps + 4) 2^-24 of the sum of the weighted numbers' absolute
// values.
func Bicubic(y, x *kernels.Array, kind BicubicKind) {
	wantGrids("resize.Bicubic", y, x, kind)
	switch kernels.PathOf("resize.Bicubic", y, x) {
	case kernels.OnGPU:
		bicubicCUDA(y, x, kind, false)
	case kernels.InFloat64:
		bicubic[float64](y, x, kind, false)
	case kernels.InFloat32:
		bicubic[float32](y, x, kind, false)
	}
}

// BicubicBackward is the gradient of Bicubic, dx [H,W,D] = A^T dy B of dy [h,w,D]; each element is a sum in one order. A nil dx is not
// computed.
func BicubicBackward(dx, dy *kernels.Array, kind BicubicKind) {
	if dx == nil {
		return
	}
	wantGrids("resize.BicubicBackward", dy, dx, kind)
	switch kernels.PathOf("resize.BicubicBackward", dx, dy) {
	case kernels.OnGPU:
		bicubicCUDA(dx, dy, kind, true)
	case kernels.InFloat64:
		bicubic[float64](dx, dy, kind, true)
	case kernels.InFloat32:
		bicubic[float32](dx, dy, kind, true)
	}
}

func wantGrids(op string, y, x *kernels.Array, kind BicubicKind) {
	kernels.WantShape(op, "the input", x, -1, -1, -1)
	kernels.WantShape(op, "the output", y, -1, -1, x.Dim(2))
	if kind > BicubicHub {
		panic(fmt.Sprintf("%s: there is no kind %d", op, kind))
	}
	if x.Dim(0)*x.Dim(1) == 0 && y.Len() > 0 {
		panic(op + ": " + x.String() + " has no places to make " + y.String() + " of")
	}
}
