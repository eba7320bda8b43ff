package pool

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// GlobalMax is the maximum over the map: y[n,c] = max_{h,w} x[n,h,w,c], as torch.amax over H and W; a NaN is larger than everything.
//
// x [N,H,W,C] with H W > 0, y [N,C]; float32 or float64. A bfloat16 x has a float32 y. at [N,C] int32 receives the pixel, h W + w, of
// the first maximum, or of the last NaN, as torch's adaptive_max_pool2d counts. Exact. Mismatched shapes and types panic.
func GlobalMax(y, at, x *kernels.Array) {
	wantGlobal("pool.GlobalMax", y, x)
	wantPixels("pool.GlobalMax", at, y)
	switch kernels.PathOfMaps("pool.GlobalMax", []*kernels.Array{x}, y) {
	case kernels.OnGPU:
		globalMaxCUDA(y, at, x)
	case kernels.InFloat64:
		globalMax(kernels.Data[float64](y), kernels.Data[int32](at), kernels.Data[float64](x), mapOf(x))
	case kernels.InFloat32:
		globalMax(kernels.Data[float32](y), kernels.Data[int32](at), kernels.Data[float32](x), mapOf(x))
	case kernels.InBFloat16:
		var w bfloat.Wide
		GlobalMax(y, at, w.In(x))
		w.Done()
	}
}

// GlobalMaxBackward is the gradient of GlobalMax: dy[n,c] goes to the pixel at[n,c] of dx, and zeros elsewhere; with accumulate it is
// added to dx. dx [N,H,W,C], dy [N,C], of GlobalMax's types; a bfloat16 dx is rounded once. A nil dx is not computed. (torch.amax shares
// dy among equals; which one is taken here does not depend on the device.)
func GlobalMaxBackward(dx, dy, at *kernels.Array, accumulate bool) {
	if dx == nil {
		return
	}
	wantGlobal("pool.GlobalMaxBackward", dy, dx)
	wantPixels("pool.GlobalMaxBackward", at, dy)
	switch kernels.PathOfMaps("pool.GlobalMaxBackward", []*kernels.Array{dx}, dy) {
	case kernels.OnGPU:
		globalMaxBackwardCUDA(dx, dy, at, accumulate)
	case kernels.InFloat64:
		globalMaxBackward(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[int32](at), mapOf(dx), accumulate)
	case kernels.InFloat32:
		globalMaxBackward(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[int32](at), mapOf(dx), accumulate)
	case kernels.InBFloat16:
		var w bfloat.Wide
		GlobalMaxBackward(w.Out(dx), dy, at, accumulate)
		w.Done()
	}
}

func wantPixels(op string, at, y *kernels.Array) {
	kernels.WantShape(op, "at", at, y.Shape()...)
	kernels.WantType(op, "at", at, kernels.Int32)
}

// maps is the sizes of a pooling over whole maps.
type maps struct{ n, pixels, channels int }

func mapOf(x *kernels.Array) maps { return maps{x.Dim(0), x.Dim(1) * x.Dim(2), x.Dim(3)} }
