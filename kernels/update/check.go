package update

import "udml-gpu/kernels"

// Finite sets skip (int32 [1]) to 1 when any element of any of xs (float32 or float64, any shapes) is NaN or infinite, else
// to 0: SGD, AdamW and norm.BatchNormRunning then leave everything as it is.
func Finite(skip *kernels.Array, xs ...*kernels.Array) {
	wantSkip(skip)
	if skip.Device().CUDA() {
		skip.Zero()
		finiteCUDA(skip, xs)
		return
	}
	setSkip(skip, anyBad(xs))
}

func wantSkip(skip *kernels.Array) {
	kernels.WantShape("update.Finite", "skip", skip, 1)
	kernels.WantType("update.Finite", "skip", skip, kernels.Int32)
}

// GradNorm is norm2[0] = sum of the squares of all elements of all gs, of norm2's type (float32 or float64), added in
// float64 and in an order fixed by the shapes. norm2 [1].
func GradNorm(norm2 *kernels.Array, gs ...*kernels.Array) {
	kernels.WantShape("update.GradNorm", "norm2", norm2, 1)
	if norm2.Device().CUDA() {
		kernels.WantFloat32("update.GradNorm", norm2)
		gradNormCUDA(norm2, gs)
		return
	}
	if norm2.DType() == kernels.Float64 {
		kernels.Data[float64](norm2)[0] = allSquares[float64](gs)
		return
	}
	kernels.Data[float32](norm2)[0] = float32(allSquares[float32](gs))
}
