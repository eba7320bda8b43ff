package loss

import "udml-gpu/kernels"

var metricKernel = kernels.NewKernel("loss_metric")

// The shape of the kernel's blocks: so many rows, and up to so many slots' similarities of them in shared memory.
const (
	metricThreads   = 256
	metricBlockRows = 8
	metricInside    = 1024
)

func metricCUDA(loss, df, f, c, slot, count *kernels.Array, t, alpha float64) {
	dev, n, slots := f.Device(), f.Dim(0), c.Dim(0)
	terms := dev.Scratch(kernels.Float64, n)
	if n > 0 {
		blocks := kernels.Blocks(n, metricBlockRows)
		l := kernels.Launch{Grid: kernels.Dim{X: blocks}, Block: kernels.Dim{X: metricThreads}}
		var outside *kernels.Array
		if slots <= metricInside {
			l.Shared = metricBlockRows * slots * kernels.Float32.Size()
		} else {
			outside = dev.Scratch(kernels.Float32, blocks, slots, metricBlockRows)
			defer outside.Free()
		}
		dev.Launch(metricKernel, l, kernels.Ptr(terms), kernels.Ptr(df), kernels.Ptr(f), kernels.Ptr(c), kernels.Ptr(slot),
			kernels.Ptr(count),
			kernels.Ptr(outside), kernels.I32(n), kernels.I32(f.Dim(1)), kernels.I32(slots), kernels.F64(1/t), kernels.F64(alpha))
	}
	sumCUDA(loss, terms, -1/float64(max(1, n)))
	terms.Free()
}
