package loss

import "udml-gpu/kernels"

var sumKernel = kernels.NewKernel("loss_sum")

// sumThreads is its one block.
const sumThreads = 256

// sumCUDA leaves factor times the sum of parts, float64, in loss [1].
func sumCUDA(loss, parts *kernels.Array, factor float64) {
	loss.Device().Launch(sumKernel, kernels.Launch{Block: kernels.Dim{X: sumThreads}},
		kernels.Ptr(loss), kernels.Ptr(parts), kernels.I64(parts.Len()), kernels.F64(factor))
}
