package distance

import (
	"math"

	"udml-gpu/kernels"
)

var (
	lseKernels = newWalkKernels("distance_lse")
	lseMerge   = kernels.NewKernel("distance_lse_merge")
)

func logSumExpCUDA(y, x, c *kernels.Array, m Metric, scale float64) {
	t := newTiling(x, m)
	if y.Len() == 0 {
		return
	}
	if c.Dim(0) == 0 {
		t.merge(y, nil, 0)
		return
	}
	cols := t.pack(c, false)
	defer cols.free()
	t.blocks(x, math.MaxInt, func(rows operand, lo, hi int) {
		count, per := parts(rows.tiles, cols.tiles, gpuBlocks)
		sums := t.dev.Scratch(kernels.Float32, 2*count, hi-lo, 2)
		t.walk(lseKernels, rows, cols, count, per, 0, kernels.Ptr(sums), kernels.F32(scale*float64(m.sign())))
		t.merge(y.Rows(lo, hi), sums, 2*count)
		sums.Free()
	})
}

// merge is the last step: y from the sums of count parts.
func (t tiling) merge(y, sums *kernels.Array, count int) {
	t.dev.Launch(lseMerge, kernels.Elements(y.Len()), kernels.Ptr(y), kernels.Ptr(sums), kernels.I32(count), kernels.I64(y.Len()))
}
