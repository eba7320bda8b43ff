package loss

import "udml-gpu/kernels"

var (
	pairCountsKernel  = kernels.NewKernel("loss_pair_counts")
	tripletKernel     = kernels.NewKernel("loss_triplet")
	contrastiveKernel = kernels.NewKernel("loss_contrastive")
)

func labelPairsCUDA(which pairLoss, loss, ds, s, labels *kernels.Array, margin float64) {
	dev, n := s.Device(), s.Dim(0)
	terms, counts := dev.Scratch(kernels.Float64, n), dev.Scratch(kernels.Int32, n)
	if n > 0 {
		l := kernels.Launch{Grid: kernels.Dim{X: n}, Block: kernels.Dim{X: scoreThreads}}
		rows, images := kernels.I32(n), kernels.I32(labels.Dim(0))
		dev.Launch(pairCountsKernel, l, kernels.Ptr(counts), kernels.Ptr(labels), rows, images)
		kernel := tripletKernel
		if which == contrastiveLoss {
			kernel = contrastiveKernel
		}
		dev.Launch(kernel, l, kernels.Ptr(terms), kernels.Ptr(ds), kernels.Ptr(s), kernels.Ptr(labels), kernels.Ptr(counts), rows, images,
			kernels.F64(margin))
	}
	sumCUDA(loss, terms, 1)
	terms.Free()
	counts.Free()
}
