package loss

import "udml-gpu/kernels"

var (
	rimRowsKernel    = kernels.NewKernel("loss_rim_rows")
	rimColumnsKernel = kernels.NewKernel("loss_rim_columns")
	rimFinishKernel  = kernels.NewKernel("loss_rim_finish")
)

// The shape of the kernels' blocks: a warp for each row, a lane for each column.
const (
	rimThreads   = 256
	rimBlockRows = rimThreads / 32
	rimColumns   = 32
)

// rimRowNumbers is how many numbers the first kernel keeps of each row.
const rimRowNumbers = 3

func rimCUDA(loss, terms, dlogits, logits *kernels.Array, mu float64) {
	dev, n, k := logits.Device(), logits.Dim(0), logits.Dim(1)
	p, rows := dev.Scratch(kernels.Float64, n, k), dev.Scratch(kernels.Float64, n, rimRowNumbers)
	logMean, entropy := dev.Scratch(kernels.Float64, k), dev.Scratch(kernels.Float64, k)
	block, size := kernels.Dim{X: rimThreads}, []kernels.Arg{kernels.I32(n), kernels.I32(k)}
	rowBlocks := 0
	if n > 0 {
		rowBlocks = kernels.Blocks(n, rimBlockRows)
		dev.Launch(rimRowsKernel, kernels.Launch{Grid: kernels.Dim{X: rowBlocks}, Block: block},
			kernels.Ptr(p), kernels.Ptr(rows), kernels.Ptr(logits), size[0], size[1])
	}
	if k > 0 {
		dev.Launch(rimColumnsKernel, kernels.Launch{Grid: kernels.Dim{X: kernels.Blocks(k, rimColumns)}, Block: block},
			kernels.Ptr(logMean), kernels.Ptr(entropy), kernels.Ptr(p), size[0], size[1])
	}
	if dlogits == nil {
		rowBlocks = 0
	}
	dev.Launch(rimFinishKernel, kernels.Launch{Grid: kernels.Dim{X: rowBlocks + 1}, Block: block},
		kernels.Ptr(loss), kernels.Ptr(terms), kernels.Ptr(dlogits), kernels.Ptr(logits), kernels.Ptr(p), kernels.Ptr(rows),
		kernels.Ptr(logMean), kernels.Ptr(entropy), size[0], size[1], kernels.F64(mu), kernels.F64(rimNorm(k)))
	for _, a := range []*kernels.Array{p, rows, logMean, entropy} {
		a.Free()
	}
}
