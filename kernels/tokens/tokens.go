// Package tokens puts the rows that a vision transformer works on together, and takes them apart.
package tokens

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Assemble makes y [N,P+T,D] of patch rows x [N,T,D] and of P rows that every image has, prefix [P,D] (nil: none):
//
//	y[n,i] = prefix[i] + (prefixPos[0] if i = 0)     for i < P
//	y[n,P+t] = x[n,t] + pos[t]
//
// pos [T,D] and prefixPos [1,D], which needs a prefix, may be nil. float32 or float64, or the maps y and x in bfloat16; each sum is
// rounded once.
func Assemble(y, x, prefix, pos, prefixPos *kernels.Array) {
	const op = "tokens.Assemble"
	kernels.WantShape(op, "x", x, -1, -1, -1)
	n, t, d, p := x.Dim(0), x.Dim(1), x.Dim(2), 0
	if prefix != nil {
		kernels.WantShape(op, "prefix", prefix, -1, d)
		p = prefix.Dim(0)
	}
	if pos != nil {
		kernels.WantShape(op, "pos", pos, t, d)
	}
	if prefixPos != nil {
		kernels.WantShape(op, "prefixPos", prefixPos, 1, d)
		if p == 0 {
			panic(op + ": a position for a prefix that is not there")
		}
	}
	kernels.WantShape(op, "y", y, n, p+t, d)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}, prefix, pos, prefixPos) {
	case kernels.OnGPU:
		assembleCUDA(y, x, prefix, pos, prefixPos)
	case kernels.InFloat64:
		assemble[float64](y, x, prefix, pos, prefixPos)
	case kernels.InFloat32:
		assemble[float32](y, x, prefix, pos, prefixPos)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Assemble(w.Out(y), w.In(x), prefix, pos, prefixPos)
		w.Done()
	}
}

// Take is y = x[:,from:from+K]: K rows of each image, y [N,K,D] of x [N,R,D]. float32, float64 or bfloat16. Assemble's gradient of x is
// Take, from row P on.
func Take(y, x *kernels.Array, from int) {
	wantRows("tokens.Take", y, x, from)
	switch kernels.PathOfMaps("tokens.Take", []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		takeCUDA(y, x, from)
	case kernels.InFloat64:
		take[float64](y, x, from)
	case kernels.InFloat32:
		take[float32](y, x, from)
	case kernels.InBFloat16:
		var w bfloat.Wide
		Take(w.Out(y), w.In(x), from)
		w.Done()
	}
}

// TakeBackward is the gradient of Take: dx[:,from:from+K] = dy and zeros elsewhere, dx [N,R,D], dy [N,K,D]; with add, dy is added to these
// rows of dx, and the others stay. A nil dx is not computed. Types are those of Take.
func TakeBackward(dx, dy *kernels.Array, from int, add bool) {
	if dx == nil {
		return
	}
	wantRows("tokens.TakeBackward", dy, dx, from)
	switch kernels.PathOfMaps("tokens.TakeBackward", []*kernels.Array{dx, dy}) {
	case kernels.OnGPU:
		takeBackwardCUDA(dx, dy, from, add)
	case kernels.InFloat64:
		takeBackward[float64](dx, dy, from, add)
	case kernels.InFloat32:
		takeBackward[float32](dx, dy, from, add)
	case kernels.InBFloat16:
		var w bfloat.Wide
		TakeBackward(w.Out(dx), w.In(dy), from, add)
		w.Done()
	}
}

// SumImages is sum[k] = x[0,from+k] + x[1,from+k] + ... over the images of x [N,R,D], sum [K,D]: Assemble's gradients of prefix and
// prefixPos (from row 0) and of pos (from row P). Numbers are added in float64, in order, and rounded once. A nil sum is not computed. x
// may be bfloat16, with sum in float32.
func SumImages(sum, x *kernels.Array, from int) {
	if sum == nil {
		return
	}
	const op = "tokens.SumImages"
	kernels.WantShape(op, "x", x, -1, -1, -1)
	kernels.WantShape(op, "sum", sum, -1, x.Dim(2))
	wantWithin(op, sum.Dim(0), x, from)
	switch kernels.PathOfMaps(op, []*kernels.Array{x}, sum) {
	case kernels.OnGPU:
		sumImagesCUDA(sum, x, from)
	case kernels.InFloat64:
		sumImages[float64](sum, x, from)
	case kernels.InFloat32:
		sumImages[float32](sum, x, from)
	case kernels.InBFloat16:
		var w bfloat.Wide
		SumImages(sum, w.In(x), from)
		w.Done()
	}
}

// wantRows panics unless part [N,K,D] fits whole [N,R,D] from that row on.
func wantRows(op string, part, whole *kernels.Array, from int) {
	kernels.WantShape(op, "the whole", whole, -1, -1, -1)
	kernels.WantShape(op, "the part", part, whole.Dim(0), -1, whole.Dim(2))
	wantWithin(op, part.Dim(1), whole, from)
}

func wantWithin(op string, count int, whole *kernels.Array, from int) {
	if from < 0 || from+count > whole.Dim(1) {
		panic(fmt.Sprintf("%s: %v has no rows %d to %d", op, whole, from, from+count))
	}
}
