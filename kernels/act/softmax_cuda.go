package act

import "udml-gpu/kernels"

var (
	softmaxKernel           = kernels.NewKernel("act_softmax")
	softmaxBackwardKernel   = kernels.NewKernel("act_softmax_backward")
	logSumExpKernel         = kernels.NewKernel("act_log_sum_exp")
	logSumExpBackwardKernel = kernels.NewKernel("act_log_sum_exp_backward")
)

// rowsCUDA launches a kernel that works on the rows of x; its arguments are args, the sizes and the pack.
func rowsCUDA(k *kernels.Kernel, x *kernels.Array, pack int, args ...*kernels.Array) {
	n, width := x.Dim(0), x.Dim(1)
	if n == 0 {
		return
	}
	var list [7]kernels.Arg
	for i, a := range args {
		list[i] = kernels.Ptr(a)
	}
	x.Device().Launch(k, kernels.Rows(n), append(list[:len(args)], kernels.I32(n), kernels.I32(width), kernels.I32(pack))...)
}

func softmaxCUDA(y, x *kernels.Array) {
	rowsCUDA(softmaxKernel, x, kernels.Pack(x.Dim(1), y, x), y, x)
}

func softmaxBackwardCUDA(dx, dy, y *kernels.Array) {
	rowsCUDA(softmaxBackwardKernel, y, kernels.Pack(y.Dim(1), dx, dy, y), dx, dy, y)
}

func logSumExpCUDA(y, x *kernels.Array) {
	rowsCUDA(logSumExpKernel, x, kernels.Pack(x.Dim(1), x), y, x)
}

func logSumExpBackwardCUDA(dx, dy, x, y *kernels.Array) {
	rowsCUDA(logSumExpBackwardKernel, x, kernels.Pack(x.Dim(1), dx, x), dx, dy, x, y)
}
