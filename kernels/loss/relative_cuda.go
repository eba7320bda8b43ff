package loss

import "udml-gpu/kernels"

var (
	relaxedKernel = kernels.NewKernel("loss_relaxed")
	distillKernel = kernels.NewKernel("loss_distill")
)

func relativeCUDA(loss, dq, q, other *kernels.Array, delta float64, distill bool) {
	dev, n := q.Device(), q.Dim(0)
	terms := dev.Scratch(kernels.Float64, n)
	if n > 0 {
		kernel := relaxedKernel
		if distill {
			kernel = distillKernel
		}
		l := kernels.Launch{Grid: kernels.Dim{X: n}, Block: kernels.Dim{X: scoreThreads}}
		dev.Launch(kernel, l, kernels.Ptr(terms), kernels.Ptr(dq), kernels.Ptr(q), kernels.Ptr(other), kernels.I32(n), kernels.F64(delta),
			kernels.F64(rowScale(n, distill)))
	}
	sumCUDA(loss, terms, 1)
	terms.Free()
}
