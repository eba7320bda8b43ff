package norm

import "udml-gpu/kernels"

var (
	gradientSumsKernel  = kernels.NewKernel("norm_gradient_sums")
	gradientJoinKernel  = kernels.NewKernel("norm_gradient_join")
	gradientInputKernel = kernels.NewKernel("norm_gradient_input")
	evalBackwardKernel  = kernels.NewKernel("norm_batch_eval_backward")
)

// joined is where sums over all rows go; each may be nil.
type joined struct {
	dgamma, dbeta *kernels.Array
	coef          *kernels.Array // [2,C]: the coefficients of x's gradient
	sums          *kernels.Array // [2,C], float64: dbeta and dgamma
}

func batchNormBackwardCUDA(dx, dgamma, dbeta, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	dev, l := x.Device(), layoutOf(x, dy, x, s.Mean, s.InvStd, gamma, beta)
	coef := dev.Scratch(kernels.Float32, 2, l.channels)
	defer coef.Free()
	l.sumsCUDA(joined{dgamma: dgamma, dbeta: dbeta, coef: coef}, dy, x, gamma, beta, weight, s)
	if dx != nil && dx.Len() > 0 {
		inputGradientCUDA(dx, dy, x, gamma, beta, weight, s, coef)
	}
}

func inputGradientCUDA(dx, dy, x, gamma, beta, weight *kernels.Array, s Stats, coef *kernels.Array) {
	l := layoutOf(x, dx, dy, x, s.Mean, s.InvStd, gamma, beta, coef)
	x.Device().Launch(gradientInputKernel, l.mapping(2), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(x), kernels.Ptr(s.Mean),
		kernels.Ptr(s.InvStd),
		kernels.Ptr(gamma), kernels.Ptr(beta), kernels.Ptr(coef), kernels.Ptr(weight), kernels.I32(l.rows),
		kernels.I32(imageRows(l.rows, weight)), kernels.I32(l.channels), kernels.I32(l.lanes), kernels.I32(l.pack))
}

// sumsCUDA fills what is wanted of to.
func (l layout) sumsCUDA(to joined, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
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
	dev.Launch(gradientJoinKernel, channelBlocks(l.channels), kernels.Ptr(to.dgamma), kernels.Ptr(to.dbeta), kernels.Ptr(to.coef),
		kernels.Ptr(to.sums), kernels.Ptr(parts), kernels.I32(count), kernels.Ptr(gamma),
		kernels.Ptr(s.InvStd), kernels.Ptr(weight), kernels.I32(images(weight)),
		kernels.F64(float64(imageRows(l.rows, weight))), kernels.I32(l.channels))
}

func batchNormEvalBackwardCUDA(dx, dy, y, gamma, runVar *kernels.Array, eps float64) {
	if dx.Len() == 0 {
		return
	}
	l := layoutOf(dx, dx, dy, y, gamma, runVar)
	dx.Device().Launch(evalBackwardKernel, l.mapping(4), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(y), kernels.Ptr(gamma),
		kernels.Ptr(runVar), kernels.F32(eps), kernels.I32(l.rows), kernels.I32(l.channels), kernels.I32(l.lanes), kernels.I32(l.pack))
}
