package norm

import "udml-gpu/kernels"

var (
	gradientSumsKernel  = kernels.NewKernel("norm_gradient_sums")
	gradientJoinKernel  = kernels.NewKernel("norm_gradient_join")
	gradientInputKernel = kernels.NewKernel("norm_gradient_input")
)

func batchNormBackwardCUDA(dx, dgamma, dbeta, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	dev, l := x.Device(), layoutOf(x, dy, x, s.Mean, s.InvStd, gamma, beta)
	coef := dev.Scratch(kernels.Float32, 2, l.channels)
	defer coef.Free()
	l.sumsCUDA(dgamma, dbeta, coef, dy, x, gamma, beta, weight, s)
	if dx == nil || dx.Len() == 0 {
		return
	}
	l = layoutOf(x, dx, dy, x, s.Mean, s.InvStd, gamma, beta, coef)
	dev.Launch(gradientInputKernel, l.mapping(2), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(x), kernels.Ptr(s.Mean),
		kernels.Ptr(s.InvStd),
		kernels.Ptr(gamma), kernels.Ptr(beta), kernels.Ptr(coef), kernels.Ptr(weight), kernels.I32(l.rows),
		kernels.I32(imageRows(l.rows, weight)), kernels.I32(l.channels), kernels.I32(l.lanes), kernels.I32(l.pack))
}

// sumsCUDA fills dgamma and dbeta, where they are wanted, and the coefficients of x's gradient.
func (l layout) sumsCUDA(dgamma, dbeta, coef, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	dev := x.Device()
	rows, count := l.chunk()
	parts := dev.Scratch(kernels.Float64, count, 2*l.channels)
	defer parts.Free()
	if count > 0 {
		shared := l.lanes * l.high * 2 * l.pack * kernels.Float64.Size()
		dev.Launch(gradientSumsKernel, l.launch(count, shared), kernels.Ptr(parts), kernels.Ptr(dy), kernels.Ptr(x), kernels.Ptr(s.Mean),
			kernels.Ptr(s.InvStd), kernels.Ptr(gamma), kernels.Ptr(beta), kernels.I32(l.rows), kernels.I32(l.channels),
			kernels.I32(l.lanes),
			kernels.I32(rows), kernels.I32(l.pack))
	}
	dev.Launch(gradientJoinKernel, channelBlocks(l.channels), kernels.Ptr(dgamma), kernels.Ptr(dbeta), kernels.Ptr(coef),
		kernels.Ptr(parts),
		kernels.I32(count), kernels.Ptr(gamma), kernels.Ptr(s.InvStd), kernels.Ptr(weight), kernels.I32(images(weight)),
		kernels.F64(float64(imageRows(l.rows, weight))), kernels.I32(l.channels))
}
