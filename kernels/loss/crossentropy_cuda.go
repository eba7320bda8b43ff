package loss

import "udml-gpu/kernels"

var crossEntropyKernel = kernels.NewKernel("loss_cross_entropy")

// scoreThreads is a block of the losses of scores; it works on one row.
const scoreThreads = 256

func crossEntropyCUDA(loss, ds, s, target, class *kernels.Array, scale float64) {
	dev, n := s.Device(), s.Dim(0)
	terms := dev.Scratch(kernels.Float64, n)
	if n > 0 {
		dev.Launch(crossEntropyKernel, kernels.Launch{Grid: kernels.Dim{X: n}, Block: kernels.Dim{X: scoreThreads}},
			kernels.Ptr(terms), kernels.Ptr(ds), kernels.Ptr(s), kernels.Ptr(target), kernels.Ptr(class), kernels.I32(s.Dim(1)),
			kernels.F64(scale), kernels.F64(scale/float64(n)))
	}
	sumCUDA(loss, terms, 1/float64(max(1, n)))
	terms.Free()
}
