// Package resize changes the height and width of maps [N,H,W,C] and of grids [H,W,D].
package resize

import "udml-gpu/kernels"

// Upsample2 repeats every pixel twice along both axes: y [N,2H,2W,C] of x [N,H,W,C], y[n,i,j,c] = x[n,i/2,j/2,c], as
// torch's interpolate(scale_factor=2, mode="nearest"). float32 or float64.
func Upsample2(y, x *kernels.Array) {
	wantDouble("resize.Upsample2", y, x)
	switch kernels.PathOf("resize.Upsample2", y, x) {
	case kernels.OnGPU:
		upsample2CUDA(y, x)
	case kernels.InFloat64:
		upsample2(kernels.Data[float64](y), kernels.Data[float64](x), x.Dim(2), x.Dim(3))
	case kernels.InFloat32:
		upsample2(kernels.Data[float32](y), kernels.Data[float32](x), x.Dim(2), x.Dim(3))
	}
}

// Upsample2Backward is the gradient: dx [N,H,W,C] is the sum over the four copies in dy [N,2H,2W,C].
func Upsample2Backward(dx, dy *kernels.Array) {
	if dx == nil {
		return
	}
	wantDouble("resize.Upsample2Backward", dy, dx)
	switch kernels.PathOf("resize.Upsample2Backward", dx, dy) {
	case kernels.OnGPU:
		upsample2BackwardCUDA(dx, dy)
	case kernels.InFloat64:
		upsample2Backward(kernels.Data[float64](dx), kernels.Data[float64](dy), dx.Dim(2), dx.Dim(3))
	case kernels.InFloat32:
		upsample2Backward(kernels.Data[float32](dx), kernels.Data[float32](dy), dx.Dim(2), dx.Dim(3))
	}
}

func wantDouble(op string, large, small *kernels.Array) {
	kernels.WantShape(op, "the small map", small, -1, -1, -1, -1)
	kernels.WantShape(op, "the large map", large, small.Dim(0), 2*small.Dim(1), 2*small.Dim(2), small.Dim(3))
}
