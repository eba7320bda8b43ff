package pool

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Average is torch.nn.functional.avg_pool2d with count_include_pad=True, its default: the sum of x over the window,
// pixels in the padding counted as 0, by the number of pixels of the window that lie in the padded map.
//
// x [N,H,W,C], y [N,OutSize(H),OutSize(W),C]; float32, float64 or bfloat16, which is added up in float32. Mismatched shapes and types
// panic. Error: Kernel^2 eps sum |x|.
func Average(y, x *kernels.Array, s Spec) {
	g := geometryOf("pool.Average", y, x, s)
	switch kernels.PathOfMaps("pool.Average", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		averageCUDA(y, x, g)
	case kernels.InFloat64:
		average(kernels.Data[float64](y), kernels.Data[float64](x), g)
	case kernels.InFloat32:
		average(kernels.Data[float32](y), kernels.Data[float32](x), g)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Average(w.Out(y), w.In(x), s)
		w.Done()
	}
}

// AverageBackward is the gradient of Average: each window's dy, divided as Average divides, is added to all of its
// pixels. dx [N,H,W,C] is overwritten; nil is not computed. dx and dy have Average's types: a bfloat16 sum is rounded once.
func AverageBackward(dx, dy *kernels.Array, s Spec) {
	if dx == nil {
		return
	}
	g := geometryOf("pool.AverageBackward", dy, dx, s)
	switch kernels.PathOfMaps("pool.AverageBackward", []*kernels.Array{dx, dy}) {
	case kernels.OnGPU:
		averageBackwardCUDA(dx, dy, g)
	case kernels.InFloat64:
		averageBackward(kernels.Data[float64](dx), kernels.Data[float64](dy), g)
	case kernels.InFloat32:
		averageBackward(kernels.Data[float32](dx), kernels.Data[float32](dy), g)
	case kernels.InBFloat16:
		var w bfloat.Wide
		AverageBackward(w.Out(dx), w.In(dy), s)
		w.Done()
	}
}

// Global is the mean over the map: y[n,c] = sum_{h,w} x[n,h,w,c] / (H W), as torch's adaptive_avg_pool2d to 1 x 1.
// x [N,H,W,C] with H W > 0, y [N,C]; float32 or float64. A bfloat16 x has a float32 y. Mismatched shapes and types panic.
// Error: H W eps mean |x|.
func Global(y, x *kernels.Array) {
	wantGlobal("pool.Global", y, x)
	switch kernels.PathOfMaps("pool.Global", []*kernels.Array{x}, y) {
	case kernels.OnGPU:
		globalCUDA(y, x)
	case kernels.InFloat64:
		global(kernels.Data[float64](y), kernels.Data[float64](x), x.Dim(0), x.Dim(1)*x.Dim(2), x.Dim(3))
	case kernels.InFloat32:
		global(kernels.Data[float32](y), kernels.Data[float32](x), x.Dim(0), x.Dim(1)*x.Dim(2), x.Dim(3))
	case kernels.InBFloat16:
		var w bfloat.Wide
		Global(y, w.In(x))
		w.Done()
	}
}

// GlobalBackward is the gradient of Global: dx[n,h,w,c] = dy[n,c] / (H W), added to dx when accumulate.
// dx [N,H,W,C], dy [N,C], of Global's types; a bfloat16 dx is added to in float32 and rounded once. A nil dx is not computed.
func GlobalBackward(dx, dy *kernels.Array, accumulate bool) {
	if dx == nil {
		return
	}
	wantGlobal("pool.GlobalBackward", dy, dx)
	switch kernels.PathOfMaps("pool.GlobalBackward", []*kernels.Array{dx}, dy) {
	case kernels.OnGPU:
		globalBackwardCUDA(dx, dy, accumulate)
	case kernels.InFloat64:
		globalBackward(kernels.Data[float64](dx), kernels.Data[float64](dy), dx.Dim(0), dx.Dim(1)*dx.Dim(2), dx.Dim(3), accumulate)
	case kernels.InFloat32:
		globalBackward(kernels.Data[float32](dx), kernels.Data[float32](dy), dx.Dim(0), dx.Dim(1)*dx.Dim(2), dx.Dim(3), accumulate)
	case kernels.InBFloat16:
		var w bfloat.Wide
		GlobalBackward(w.Out(dx), dy, accumulate)
		w.Done()
	}
}

// wantGlobal checks the shapes of a map and of its features, or of their gradients. PathOfMaps checks their types.
func wantGlobal(op string, y, x *kernels.Array) {
	kernels.WantShape(op, "x", x, -1, -1, -1, -1)
	kernels.WantShape(op, "y", y, x.Dim(0), x.Dim(3))
}
