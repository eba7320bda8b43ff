package norm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// BatchNormJoined is BatchNorm, without weights, of the 1 to 4 arrays that x names side by side, [R,C] with C the sum of their columns, as
// if they were one array. y are columns of as many arrays, each as many as x's: it may be one array's columns several times, which then is
// the concatenation of the result, or x. gamma, beta and s [C]. On the CPU it is BatchNorm of a copy; the errors are BatchNorm's.
func BatchNormJoined(y, x []Columns, gamma, beta *kernels.Array, s Stats, eps float64, relu bool) {
	const op = "norm.BatchNormJoined"
	wantJoined(op, x, gamma, s)
	wantColumns(op, "y", y, x)
	kernels.WantShape(op, "beta", beta, total(x))
	switch kernels.PathOfMaps(op, arraysOf(x, y), gamma, beta, s.Mean, s.InvStd) {
	case kernels.OnGPU:
		statisticsCUDA(s, nil, x, nil, eps)
		applyCUDA(y, x, gamma, beta, s, relu)
	case kernels.InFloat64:
		batchNormJoined[float64](y, x, gamma, beta, s, eps, relu)
	case kernels.InFloat32:
		batchNormJoined[float32](y, x, gamma, beta, s, eps, relu)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormJoined(inArrays(y, w.Out), inArrays(x, w.In), gamma, beta, s, eps, relu)
		w.Done()
	}
}

// BatchNormJoinedBackward is the gradient of BatchNormJoined, as BatchNormBackward's: beta is given where relu was set. dx, where it is not
// nil, and dy are columns like x; no columns of dx may be those of dy. dgamma, dbeta [C] may be nil. dy is left alone.
func BatchNormJoinedBackward(dx []Columns, dgamma, dbeta *kernels.Array, dy, x []Columns, gamma, beta *kernels.Array, s Stats) {
	const op = "norm.BatchNormJoinedBackward"
	wantJoined(op, x, gamma, s)
	wantColumns(op, "dy", dy, x)
	if dx != nil {
		wantColumns(op, "dx", dx, x)
	}
	c := total(x)
	wantOptional(op, "beta", beta, c)
	wantOptional(op, "dgamma", dgamma, c)
	wantOptional(op, "dbeta", dbeta, c)
	switch kernels.PathOfMaps(op, arraysOf(x, dx, dy), gamma, beta, dgamma, dbeta, s.Mean, s.InvStd) {
	case kernels.OnGPU:
		backwardCUDA(dx, dgamma, dbeta, dy, x, gamma, beta, nil, s)
	case kernels.InFloat64:
		batchNormJoinedBackward[float64](dx, dgamma, dbeta, dy, x, gamma, beta, s)
	case kernels.InFloat32:
		batchNormJoinedBackward[float32](dx, dgamma, dbeta, dy, x, gamma, beta, s)
	case kernels.InBFloat16:
		var w bfloat.Wide
		BatchNormJoinedBackward(inArrays(dx, w.Out), dgamma, dbeta, inArrays(dy, w.In), inArrays(x, w.In), gamma, beta, s)
		w.Done()
	}
}

func wantJoined(op string, x []Columns, gamma *kernels.Array, s Stats) {
	wantColumns(op, "x", x, x)
	c := total(x)
	kernels.WantShape(op, "gamma", gamma, c)
	kernels.WantShape(op, "mean", s.Mean, c)
	kernels.WantShape(op, "inverse deviation", s.InvStd, c)
}
