package loss

import "udml-gpu/kernels"

var tripletsKernel = kernels.NewKernel("loss_triplets")

func tripletsCUDA(loss, df, f, weights *kernels.Array, margin float64) {
	dev, rows := f.Device(), weights.Dim(0)
	groups := (rows + 1) / 2
	terms := dev.Scratch(kernels.Float64, groups)
	if groups > 0 {
		l := kernels.Launch{Grid: kernels.Dim{X: groups}, Block: kernels.Dim{X: tripletsThreads}}
		dev.Launch(tripletsKernel, l, kernels.Ptr(terms), kernels.Ptr(df), kernels.Ptr(f), kernels.Ptr(weights), kernels.I32(rows),
			kernels.I32(f.Dim(1)), kernels.F64(margin), kernels.F64(2*tripletScale(rows)))
	}
	sumCUDA(loss, terms, tripletScale(rows))
	terms.Free()
}

// tripletsThreads is the kernel's block: an embedding has some hundred numbers.
const tripletsThreads = 128
