package norm

import "udml-gpu/kernels"

var (
	layerKernel      = kernels.NewStored("norm_layer")
	layerInputKernel = kernels.NewStored("norm_layer_input")
)

func layerNormCUDA(y, mean, inv, x, gamma, beta *kernels.Array, eps float64) {
	rows, c := mean.Len(), gamma.Len()
	if rows == 0 {
		return
	}
	x.Device().Launch(layerKernel.Of(x), kernels.Rows(rows), kernels.Ptr(y), kernels.Ptr(mean), kernels.Ptr(inv), kernels.Ptr(x),
		kernels.Ptr(gamma), kernels.Ptr(beta), kernels.F64(eps), kernels.I32(rows), kernels.I32(c),
		kernels.I32(kernels.Pack(c, y, x, gamma, beta)))
}

// layerNormBackwardCUDA sums up over rows first: dx may overwrite dy.
func layerNormBackwardCUDA(dx, dgamma, dbeta, dy, x, gamma, mean, inv *kernels.Array) {
	columnSumsCUDA(dbeta, dgamma, dy, x, mean, inv)
	rows, c := mean.Len(), gamma.Len()
	if dx == nil || rows == 0 {
		return
	}
	x.Device().Launch(layerInputKernel.Of(x), kernels.Rows(rows), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(x), kernels.Ptr(gamma),
		kernels.Ptr(mean), kernels.Ptr(inv), kernels.I32(rows), kernels.I32(c), kernels.I32(kernels.Pack(c, dx, dy, x, gamma)))
}
