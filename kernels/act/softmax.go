package act

import "udml-gpu/kernels"

// Softmax is y[i,k] = exp(x[i,k]) / sum_j exp(x[i,j]) for each row of x [N,K], as torch.softmax(x, 1): any finite
// logits are legal, a row with NaN or +Inf gives NaN. float32 or float64, computed in float64; y may be x.
// On CUDA exponentials are float32 and sums float64: an absolute error of some 2^-23.
//
// It and the three functions below are for losses over logits (instance discrimination, STML, banks); nothing uses them yet.
func Softmax(y, x *kernels.Array) {
	kernels.WantShape("act.Softmax", "x", x, -1, -1)
	kernels.WantShape("act.Softmax", "y", y, x.Shape()...)
	switch kernels.PathOf("act.Softmax", y, x) {
	case kernels.OnGPU:
		softmaxCUDA(y, x)
	case kernels.InFloat64:
		softmax(kernels.Data[float64](y), kernels.Data[float64](x), x.Dim(1))
	case kernels.InFloat32:
		softmax(kernels.Data[float32](y), kernels.Data[float32](x), x.Dim(1))
	}
}

// SoftmaxBackward is dx[i,k] = y[i,k] (dy[i,k] - sum_j dy[i,j] y[i,j]), with y the output of Softmax. dx may be dy.
func SoftmaxBackward(dx, dy, y *kernels.Array) {
	if dx == nil {
		return
	}
	kernels.WantShape("act.SoftmaxBackward", "y", y, -1, -1)
	kernels.WantShape("act.SoftmaxBackward", "dx", dx, y.Shape()...)
	kernels.WantShape("act.SoftmaxBackward", "dy", dy, y.Shape()...)
	switch kernels.PathOf("act.SoftmaxBackward", dx, dy, y) {
	case kernels.OnGPU:
		softmaxBackwardCUDA(dx, dy, y)
	case kernels.InFloat64:
		softmaxBackward(kernels.Data[float64](dx), kernels.Data[float64](dy), kernels.Data[float64](y), y.Dim(1))
	case kernels.InFloat32:
		softmaxBackward(kernels.Data[float32](dx), kernels.Data[float32](dy), kernels.Data[float32](y), y.Dim(1))
	}
}

// LogSumExp is y[i] = log sum_k exp(x[i,k]): x [N,K], y [N], as torch.logsumexp(x, 1); -Inf for K = 0.
// Computed in float64; on CUDA as Softmax is.
func LogSumExp(y, x *kernels.Array) {
	kernels.WantShape("act.LogSumExp", "x", x, -1, -1)
	kernels.WantShape("act.LogSumExp", "y", y, x.Dim(0))
	switch kernels.PathOf("act.LogSumExp", y, x) {
	case kernels.OnGPU:
		logSumExpCUDA(y, x)
	case kernels.InFloat64:
		logSumExp(kernels.Data[float64](y), kernels.Data[float64](x), x.Dim(1))
	case kernels.InFloat32:
		logSumExp(kernels.Data[float32](y), kernels.Data[float32](x), x.Dim(1))
	}
}

// LogSumExpBackward is dx[i,k] = dy[i] exp(x[i,k] - y[i]): dx, x [N,K]; dy, y [N], y the output of LogSumExp.
func LogSumExpBackward(dx, dy, x, y *kernels.Array) {
	if dx == nil {
		return
	}
	kernels.WantShape("act.LogSumExpBackward", "x", x, -1, -1)
	kernels.WantShape("act.LogSumExpBackward", "dx", dx, x.Shape()...)
	kernels.WantShape("act.LogSumExpBackward", "dy", dy, x.Dim(0))
	kernels.WantShape("act.LogSumExpBackward", "y", y, x.Dim(0))
	switch kernels.PathOf("act.LogSumExpBackward", dx, dy, x, y) {
	case kernels.OnGPU:
		logSumExpBackwardCUDA(dx, dy, x, y)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		logSumExpBackward(d(dx), d(dy), d(x), d(y), x.Dim(1))
	case kernels.InFloat32:
		d := kernels.Data[float32]
		logSumExpBackward(d(dx), d(dy), d(x), d(y), x.Dim(1))
	}
}
