package pool

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Power is the constants of a generalised mean.
type Power struct {
	P     float64 // 1: the mean; the larger, the nearer to the maximum
	Least float64 // smaller elements count as this
}

// GeM3 is the usual generalised mean, of power 3.
var GeM3 = Power{P: 3, Least: 1e-6}

// GeM is the generalised mean over the map (Radenovic, Tolias and Chum, "Fine-tuning CNN Image Retrieval with No Human Annotation",
// PAMI 2018, equation 3), as torch's x.clamp(min=Least).pow(P).mean((2,3)).pow(1/P):
//
//	y[n,c] = (sum_{h,w} max(x[n,h,w,c], Least)^P / (H W))^(1/P)
//
// x [N,H,W,C] with H W > 0, y [N,C]; float32 or float64. A bfloat16 x has a float32 y. Relative error in float32: (H W + 4 P)/P + 4 eps.
// Powers are summed in y's type: in float32 elements above (3e38)^(1/P), 7e12 for P = 3, count as infinite. Mismatched shapes and types,
// P below 1 and Least that is not above 0 panic.
func GeM(y, x *kernels.Array, g Power) {
	g.want("pool.GeM", y, x)
	switch kernels.PathOfMaps("pool.GeM", []*kernels.Array{x}, y) {
	case kernels.OnGPU:
		gemCUDA(y, x, g)
	case kernels.InFloat64:
		gem(kernels.Data[float64](y), kernels.Data[float64](x), mapOf(x), g)
	case kernels.InFloat32:
		gem(kernels.Data[float32](y), kernels.Data[float32](x), mapOf(x), g)
	case kernels.InBFloat16:
		var w bfloat.Wide
		GeM(y, w.In(x), g)
		w.Done()
	}
}

// GeMBackward is the gradient of GeM:
//
//	dx[n,h,w,c] = dy[n,c] (x[n,h,w,c] / y[n,c])^(P-1) / (H W)  where x >= Least, else 0
//
// added to dx when accumulate. x, dx [N,H,W,C]; dy and y, the result of GeM, [N,C]; of GeM's types. A bfloat16 dx is added to in float32
// and rounded once. A nil dx is not computed. Error in float32: (P-1) that of y.
func GeMBackward(dx, dy, x, y *kernels.Array, g Power, accumulate bool) {
	if dx == nil {
		return
	}
	g.want("pool.GeMBackward", dy, dx)
	g.want("pool.GeMBackward", y, x)
	kernels.WantShape("pool.GeMBackward", "dx", dx, x.Shape()...)
	switch kernels.PathOfMaps("pool.GeMBackward", []*kernels.Array{dx, x}, dy, y) {
	case kernels.OnGPU:
		gemBackwardCUDA(dx, dy, x, y, g, accumulate)
	case kernels.InFloat64:
		b := gemGradient[float64]{kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](x), kernels.Data[float64](y)}
		b.run(mapOf(x), g, accumulate)
	case kernels.InFloat32:
		b := gemGradient[float32]{kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](x), kernels.Data[float32](y)}
		b.run(mapOf(x), g, accumulate)
	case kernels.InBFloat16:
		var w bfloat.Wide
		GeMBackward(w.Out(dx), dy, w.In(x), y, g, accumulate)
		w.Done()
	}
}

func (g Power) want(op string, y, x *kernels.Array) {
	wantGlobal(op, y, x)
	if !(g.P >= 1) || !(g.Least > 0) {
		panic(fmt.Sprintf("%s: %+v; P of at least 1 and Least above 0 are wanted", op, g))
	}
}
