package gemm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Linear is torch.nn.functional.linear: y = x w^T + b with x [N,I], w [O,I], b [O] or nil, y [N,O];
// all float32 or all float64, or b float32 and the others bfloat16. Mismatched shapes panic. The error bound is Gemm's; of bfloat16, b too
// may be rounded before it is added.
func Linear(y, x, w, b *kernels.Array) {
	wantLinear("gemm.Linear", y, x, w, b)
	switch kernels.PathOfMaps("gemm.Linear", []*kernels.Array{y, x, w}, b) {
	case kernels.OnGPU:
		linearCUDA(y, x, w, b)
	case kernels.InFloat64:
		linear[float64](y, x, w, b)
	case kernels.InFloat32:
		linear[float32](y, x, w, b)
	case kernels.InBFloat16:
		var wide bfloat.Wide
		linear[float32](wide.Out(y), wide.In(x), wide.In(w), b)
		wide.Done()
	}
}

// LinearApart is Linear with, on the CPU, each element as a product of two vectors: the bytes of a row of y do not depend on its
// place or on the number of rows, as they may in the library's product of matrices. It is for the few rows and columns behind
// a backbone.
func LinearApart(y, x, w, b *kernels.Array) {
	wantLinear("gemm.LinearApart", y, x, w, b)
	switch kernels.PathOfMaps("gemm.LinearApart", []*kernels.Array{y, x, w}, b) {
	case kernels.OnGPU:
		linearCUDA(y, x, w, b)
	case kernels.InFloat64:
		linearApart(kernels.Data[float64](y), kernels.Data[float64](x), kernels.Data[float64](w), elements[float64](b), w.Dim(1))
	case kernels.InFloat32:
		linearApart(kernels.Data[float32](y), kernels.Data[float32](x), kernels.Data[float32](w), elements[float32](b), w.Dim(1))
	case kernels.InBFloat16:
		var wide bfloat.Wide
		LinearApart(wide.Out(y), wide.In(x), wide.In(w), b)
		wide.Done()
	}
}

func linearCUDA(y, x, w, b *kernels.Array) {
	multiplyCUDA(deviceProduct{transB: true, m: y.Dim(0), n: w.Dim(0), k: w.Dim(1), alpha: 1, a: x, b: w, c: y, bias: b})
}

// wantLinear panics unless the arrays are those of a linear layer.
func wantLinear(op string, y, x, w, b *kernels.Array) {
	n, out, in := y.Dim(0), w.Dim(0), w.Dim(1)
	kernels.WantShape(op, "y", y, n, out)
	kernels.WantShape(op, "x", x, n, in)
	if b != nil {
		kernels.WantShape(op, "b", b, out)
	}
}

// elements is the data of an array that may be nil.
func elements[T kernels.Float](a *kernels.Array) []T {
	if a == nil {
		return nil
	}
	return kernels.Data[T](a)
}

// LinearBackward is the gradient of Linear, given dy [N,O]: dx = dy w [N,I], dw = dy^T x [O,I], db = sum of dy's
// rows [O]. Each is overwritten; a nil one is not computed. dx must not be dy or x. Types are those of Linear, and dw, db are float32 or
// float64.
func LinearBackward(dx, dw, db, dy, x, w *kernels.Array) {
	n, out, in := dy.Dim(0), w.Dim(0), w.Dim(1)
	kernels.WantShape("gemm.LinearBackward", "dy", dy, n, out)
	kernels.WantShape("gemm.LinearBackward", "x", x, n, in)
	if dx != nil {
		kernels.WantShape("gemm.LinearBackward", "dx", dx, n, in)
		Gemm(dx, dy, w, false, false, 1, 0)
	}
	if dw != nil {
		kernels.WantShape("gemm.LinearBackward", "dw", dw, out, in)
		Gemm(dw, dy, x, true, false, 1, 0)
	}
	if db != nil {
		kernels.WantShape("gemm.LinearBackward", "db", db, out)
		ColumnSums(db, dy)
	}
}
