// Package join holds the ops that put arrays together: concatenation along the channels, sums, scaling.
package join

import (
	"fmt"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// tile is the number of elements that one core handles at a time.
const tile = 1 << 14

// Concat joins xs along the last axis: y [..., C1+C2+...], x_i [..., C_i], equal in the other axes, as torch.cat.
// float32, float64 or bfloat16.
func Concat(y *kernels.Array, xs ...*kernels.Array) {
	wantParts("join.Concat", y, xs)
	at := 0
	for _, x := range xs {
		switch kernels.PathOfMaps("join.Concat", []*kernels.Array{y, x}) {
		case kernels.OnGPU:
			placeCUDA(y, x, at, false)
		case kernels.InFloat64:
			place(kernels.Data[float64](y), kernels.Data[float64](x), last(y), at, last(x))
		case kernels.InFloat32:
			place(kernels.Data[float32](y), kernels.Data[float32](x), last(y), at, last(x))
		case kernels.InBFloat16:
			place(kernels.Data[kernels.Brain](y), kernels.Data[kernels.Brain](x), last(y), at, last(x))
		}
		at += last(x)
	}
}

// Take is x = y[..., at:at+C] for x [..., C], equal in the other axes, of Concat's types: Concat backwards, for one part.
func Take(x, y *kernels.Array, at int) {
	const op = "join.Take"
	wantPart(op, y, x)
	if at < 0 || at+last(x) > last(y) {
		panic(fmt.Sprintf("%s: columns %d to %d are not all in %v", op, at, at+last(x), y))
	}
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}) {
	case kernels.OnGPU:
		placeCUDA(y, x, at, true)
	case kernels.InFloat64:
		take(kernels.Data[float64](x), kernels.Data[float64](y), last(y), at, last(x))
	case kernels.InFloat32:
		take(kernels.Data[float32](x), kernels.Data[float32](y), last(y), at, last(x))
	case kernels.InBFloat16:
		take(kernels.Data[kernels.Brain](x), kernels.Data[kernels.Brain](y), last(y), at, last(x))
	}
}

// Add is y = a + b, of equal shapes, float32, bfloat16, or float64, on a GPU too: sums over shards are kept in float64. y may be a or b.
// The sum is rounded once.
func Add(y, a, b *kernels.Array) {
	kernels.WantShape("join.Add", "y", y, a.Shape()...)
	kernels.WantShape("join.Add", "b", b, a.Shape()...)
	switch kernels.PathOfBoth("join.Add", y, a, b) {
	case kernels.OnGPU:
		addCUDA(y, a, b)
	case kernels.InFloat64:
		add(kernels.Data[float64](y), kernels.Data[float64](a), kernels.Data[float64](b))
	case kernels.InFloat32:
		add(kernels.Data[float32](y), kernels.Data[float32](a), kernels.Data[float32](b))
	case kernels.InBFloat16:
		var w bfloat.Wide
		Add(w.Out(y), w.In(a), w.In(b))
		w.Done()
	}
}

// AddTo is y += x, of equal shapes, of Add's types.
func AddTo(y, x *kernels.Array) { Add(y, y, x) }

// wantParts checks that parts fill whole along the last axis.
func wantParts(op string, whole *kernels.Array, parts []*kernels.Array) {
	width := 0
	for _, p := range parts {
		wantPart(op, whole, p)
		width += last(p)
	}
	if width != last(whole) {
		panic(op + ": the parts do not fill " + whole.String())
	}
}

// wantPart checks that part and whole are equal in all axes but the last.
func wantPart(op string, whole, part *kernels.Array) {
	axes := len(whole.Shape()) - 1
	if len(part.Shape()) != axes+1 || !slices.Equal(part.Shape()[:axes], whole.Shape()[:axes]) {
		kernels.WantShape(op, "part", part, whole.Shape()...)
	}
}

func last(a *kernels.Array) int { return a.Dim(len(a.Shape()) - 1) }
