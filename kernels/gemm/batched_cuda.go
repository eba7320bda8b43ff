package gemm

import "udml-gpu/kernels"

// batchedKernels are the kernels by precision, transA and transB.
var batchedKernels = [3][2][2]*kernels.Kernel{
	kernels.FP32: batchedKernelsOf("fp32"), kernels.TF32: batchedKernelsOf("tf32"), kernels.BF16: batchedKernelsOf("bf16"),
}

func batchedKernelsOf(format string) [2][2]*kernels.Kernel {
	of := func(trans string) *kernels.Kernel { return kernels.NewKernel("gemm_batched_" + trans + "_" + format) }
	return [2][2]*kernels.Kernel{{of("nn"), of("nt")}, {of("tn"), of("tt")}}
}

// batchedCUDA has a block for each tile of each product. Sums are not split: many products fill a GPU by their number.
func batchedCUDA(c, a, b Stack, p Batch) {
	dev, tiles := c.Array.Device(), kernels.Blocks(p.M, tileSide)*kernels.Blocks(p.N, tileSide)
	k := batchedKernels[dev.Precision()][bit(p.TransA)][bit(p.TransB)]
	first := func(s Stack) kernels.Arg { return kernels.PtrAt(s.Array, s.Offset) }
	dev.Launch(k, kernels.Launch{Grid: kernels.Dim{X: tiles * p.Count}, Block: kernels.Dim{X: tileThreads}}, first(c), first(a), first(b),
		kernels.I64(c.Step), kernels.I64(a.Step), kernels.I64(b.Step), kernels.I64(c.Row), kernels.I64(a.Row), kernels.I64(b.Row),
		kernels.I32(p.M), kernels.I32(p.N), kernels.I32(p.K), kernels.I32(tiles), kernels.F32(p.Alpha), kernels.F32(p.Beta))
}
