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
