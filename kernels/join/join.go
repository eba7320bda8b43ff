// Package join holds the ops that put arrays together: concatenation along the channels, sums, scaling.
package join

import "udml-gpu/kernels"

// tile is the number of elements that one core handles at a time.
const tile = 1 << 14

// Concat joins xs along the last axis: y [..., C1+C2+...], x_i [..., C_i], equal in the other axes, as torch.cat.
// float32 or float64.
func Concat(y *kernels.Array, xs ...*kernels.Array) {
	wantParts("join.Concat", y, xs)
	at := 0
	for _, x := range xs {
		switch kernels.PathOf("join.Concat", y, x) {
		case kernels.OnGPU:
			placeCUDA(y, x, at, false)
		case kernels.InFloat64:
			place(kernels.Data[float64](y), kernels.Data[float64](x), last(y), at, last(x))
		case kernels.InFloat32:
			place(kernels.Data[float32](y), kernels.Data[float32](x), last(y), at, last(x))
		}
		at += last(x)
	}
}

// Split is the gradient of Concat: each dx_i [..., C_i] is its part of dy. A nil dx_i is not wanted; then its width must
// follow from the others, so at most one may be nil, or all.
func Split(dy *kernels.Array, dxs ...*kernels.Array) {
	missing := wantParts("join.Split", dy, dxs)
	at := 0
	for _, dx := range dxs {
		if dx == nil {
			at += missing
			continue
		}
		switch kernels.PathOf("join.Split", dy, dx) {
		case kernels.OnGPU:
			placeCUDA(dy, dx, at, true)
		case kernels.InFloat64:
			take(kernels.Data[float64](dx), kernels.Data[float64](dy), last(dy), at, last(dx))
		case kernels.InFloat32:
			take(kernels.Data[float32](dx), kernels.Data[float32](dy), last(dy), at, last(dx))
		}
		at += last(dx)
	}
}

// Add is y = a + b, of equal shapes, float32 or float64. y may be a or b.
func Add(y, a, b *kernels.Array) {
	kernels.WantShape("join.Add", "y", y, a.Shape()...)
	kernels.WantShape("join.Add", "b", b, a.Shape()...)
	switch kernels.PathOf("join.Add", y, a, b) {
	case kernels.OnGPU:
		addCUDA(y, a, b)
	case kernels.InFloat64:
		add(kernels.Data[float64](y), kernels.Data[float64](a), kernels.Data[float64](b))
	case kernels.InFloat32:
		add(kernels.Data[float32](y), kernels.Data[float32](a), kernels.Data[float32](b))
	}
}

// AddTo is y += x, of equal shapes, float32 or float64.
func AddTo(y, x *kernels.Array) { Add(y, y, x) }

// wantParts checks that parts fill whole along the last axis, and returns the width of the one that is nil.
func wantParts(op string, whole *kernels.Array, parts []*kernels.Array) (missing int) {
	missing = last(whole)
	axes, none := len(whole.Shape())-1, 0
	for _, p := range parts {
		if p == nil {
			none++
			continue
		}
		missing -= last(p)
		if len(p.Shape()) != axes+1 {
			kernels.WantShape(op, "part", p, whole.Shape()...)
		}
		for i := range axes {
			if p.Dim(i) != whole.Dim(i) {
				kernels.WantShape(op, "part", p, whole.Shape()...)
			}
		}
	}
	if missing < 0 || none == 0 && missing > 0 || none > 1 && none < len(parts) {
		panic(op + ": the parts do not fill " + whole.String())
	}
	return missing
}

func last(a *kernels.Array) int { return a.Dim(len(a.Shape()) - 1) }
