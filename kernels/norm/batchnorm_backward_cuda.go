package norm

import "udml-gpu/kernels"

var (
	gradientSumsKernel  = kernels.NewStored("norm_gradient_sums")
	gradientInputKernel = kernels.NewStored("norm_gradient_input")
	evalBackwardKernel  = kernels.NewStored("norm_batch_eval_backward")
)

// joined is where sums over all rows go; each may be nil.
type joined struct {
	dgamma, dbeta *kernels.Array
	coef          *kernels.Array // [2,C]: the coefficients of x's gradient
	sums          *kernels.Array // [2,C], float64: dbeta and dgamma
}

func batchNormBackwardCUDA(dx, dgamma, dbeta, dy, x, gamma, beta, weight *kernels.Array, s Stats) {
	backwardCUDA(Whole(dx), dgamma, dbeta, Whole(dy), Whole(x), gamma, beta, weight, s)
}

func backwardCUDA(dx []Columns, dgamma, dbeta *kernels.Array, dy, x []Columns, gamma, beta, weight *kernels.Array, s Stats) {
	coef := gamma.Device().Scratch(kernels.Float32, 2, gamma.Len())
	defer coef.Free()
	sumsCUDA(joined{dgamma: dgamma, dbeta: dbeta, coef: coef}, dy, x, gamma, beta, weight, s)
	if dx != nil && x[0].Len() > 0 {
		inputGradientCUDA(dx, dy, x, gamma, beta, weight, s, coef)
	}
}

func inputGradientCUDA(dx, dy, x []Columns, gamma, beta, weight *kernels.Array, s Stats, coef *kernels.Array) {
	l := layoutOfColumns(x, append(dx[:len(dx):len(dx)], dy...), s.Mean, s.InvStd, gamma, beta, coef)
	args := append(operand(dx), operand(dy)...)
	args = append(args, operand(x)...)
	args = append(args, ends(x), kernels.Ptr(s.Mean), kernels.Ptr(s.InvStd), kernels.Ptr(gamma), kernels.Ptr(beta), kernels.Ptr(coef),
		kernels.Ptr(weight), kernels.I32(l.rows), kernels.I32(imageRows(l.rows, weight)), kernels.I32(l.channels), kernels.I32(l.lanes),
		kernels.I32(l.pack))
	gamma.Device().Launch(gradientInputKernel.Of(x[0].Array), l.mapping(2), args...)
}

// sumsCUDA fills what is wanted of to.
func sumsCUDA(to joined, dy, x []Columns, gamma, beta, weight *kernels.Array, s Stats) {
	dev, l := gamma.Device(), layoutOfColumns(x, dy, s.Mean, s.InvStd, gamma, beta)
	rows, count := l.chunk()
	count = max(1, count)
	parts := dev.Scratch(kernels.Float64, count, 2*l.channels)
	defer parts.Free()
	shared := l.lanes * l.high * 2 * l.pack * kernels.Float64.Size()
	args := []kernels.Arg{
		kernels.Ptr(to.dgamma), kernels.Ptr(to.dbeta), kernels.Ptr(to.coef), kernels.Ptr(to.sums), kernels.Ptr(parts),
		kernels.Ptr(l.counters(dev)),
	}
	args = append(args, operand(dy)...)
	args = append(args, operand(x)...)
	args = append(args, ends(x), kernels.Ptr(s.Mean), kernels.Ptr(s.InvStd), kernels.Ptr(gamma), kernels.Ptr(beta), kernels.Ptr(weight),
		kernels.I32(images(weight)), kernels.F64(float64(imageRows(l.rows, weight))), kernels.I32(l.rows), kernels.I32(l.channels),
		kernels.I32(l.lanes), kernels.I32(rows), kernels.I32(l.pack))
	dev.Launch(gradientSumsKernel.Of(x[0].Array), l.launch(count, shared), args...)
}

func batchNormEvalBackwardCUDA(dx, dy, y, gamma, runVar *kernels.Array, eps float64) {
	if dx.Len() == 0 {
		return
	}
	l := layoutOf(dx, dx, dy, y, gamma, runVar)
	dx.Device().Launch(evalBackwardKernel.Of(dx), l.mapping(4), kernels.Ptr(dx), kernels.Ptr(dy), kernels.Ptr(y), kernels.Ptr(gamma),
		kernels.Ptr(runVar), kernels.F32(eps), kernels.I32(l.rows), kernels.I32(l.channels), kernels.I32(l.lanes), kernels.I32(l.pack))
}
