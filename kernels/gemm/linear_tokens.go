package gemm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// LinearTokens is Linear on images of tokens: y[n,t] = x[n,t] w^T + b with x [N,T,I], w [O,I], b [O] or nil, y [N,T,O]; of the
// types of Linear. On the CPU no product spans two images, and each is cut at the same rows and columns for any number
// of images, so that the bytes of an image depend neither on its place nor on its batch, as they may in Linear of all N T rows.
// Mismatched shapes panic. The error bound is Linear's.
func LinearTokens(y, x, w, b *kernels.Array) {
	const op = "gemm.LinearTokens"
	kernels.WantShape(op, "x", x, -1, -1, w.Dim(1))
	kernels.WantShape(op, "y", y, x.Dim(0), x.Dim(1), w.Dim(0))
	rows := x.Dim(0) * x.Dim(1)
	wantLinear(op, y.Reshape(rows, w.Dim(0)), x.Reshape(rows, w.Dim(1)), w, b)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x, w}, b) {
	case kernels.OnGPU:
		linearCUDA(y.Reshape(rows, w.Dim(0)), x.Reshape(rows, w.Dim(1)), w, b)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		linearTokens(d(y), d(x), d(w), elements[float64](b), x.Dim(1), w.Dim(0), w.Dim(1))
	case kernels.InFloat32:
		d := kernels.Data[float32]
		linearTokens(d(y), d(x), d(w), elements[float32](b), x.Dim(1), w.Dim(0), w.Dim(1))
	case kernels.InBFloat16:
		var wide bfloat.Wide
		LinearTokens(wide.Out(y), wide.In(x), wide.In(w), b)
		wide.Done()
	}
}
