package loss

import "udml-gpu/kernels"

var memoryKernel = kernels.NewKernel("loss_memory")

// memoryThreads is a block, which works on one image.
const memoryThreads = 128

func memoryCUDA(bank, f, sample, skip *kernels.Array, views int, keep float64) {
	images := f.Dim(0) / views
	if images == 0 {
		return
	}
	bank.Device().Launch(memoryKernel, kernels.Launch{Grid: kernels.Dim{X: images}, Block: kernels.Dim{X: memoryThreads}},
		kernels.Ptr(bank), kernels.Ptr(f), kernels.Ptr(sample), kernels.Ptr(skip), kernels.I32(bank.Dim(0)), kernels.I32(bank.Dim(1)),
		kernels.I32(views), kernels.F64(keep))
}
