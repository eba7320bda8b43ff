package norm

import "udml-gpu/kernels"

var scaleKernel = kernels.NewStored("norm_scale")

func scaleCUDA(y, x, gamma, residual *kernels.Array) {
	if x.Len() == 0 {
		return
	}
	c := gamma.Len()
	pack, rows := kernels.Pack(c, y, x, gamma, residual), x.Len()/c
	x.Device().Launch(scaleKernel.Of(x), kernels.Lines(c/pack, rows), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(gamma),
		kernels.Ptr(residual), kernels.I32(rows), kernels.I32(c), kernels.I32(pack))
}
