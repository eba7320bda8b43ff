package gemm

import "udml-gpu/kernels"

// Linear is torch.nn.functional.linear: y = x w^T + b with x [N,I], w [O,I], b [O] or nil, y [N,O];
// all float32 or all float64. Mismatched shapes panic. The error bound is Gemm's.
func Linear(y, x, w, b *kernels.Array) {
	n, out, in := y.Dim(0), w.Dim(0), w.Dim(1)
	kernels.WantShape("gemm.Linear", "y", y, n, out)
	kernels.WantShape("gemm.Linear", "x", x, n, in)
	if b != nil {
		kernels.WantShape("gemm.Linear", "b", b, out)
		kernels.WantType("gemm.Linear", "b", b, y.DType())
	}
	kernels.WantType("gemm.Linear", "x", x, y.DType())
	kernels.WantType("gemm.Linear", "w", w, y.DType())
	if y.Device().CUDA() {
		kernels.WantFloat32("gemm.Linear", y)
		multiplyCUDA(deviceProduct{transB: true, m: n, n: out, k: in, alpha: 1, a: x, b: w, c: y, bias: b})
		return
	}
	beta := 0.0
	if b != nil {
		beta = 1
		if y.DType() == kernels.Float64 {
			fillRows(kernels.Data[float64](y), kernels.Data[float64](b))
		} else {
			fillRows(kernels.Data[float32](y), kernels.Data[float32](b))
		}
	}
	Gemm(y, x, w, false, true, 1, beta)
}

// LinearBackward is the gradient of Linear, given dy [N,O]: dx = dy w [N,I], dw = dy^T x [O,I], db = sum of dy's
// rows [O]. Each is overwritten; a nil one is not computed. dx must not be dy or x.
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
