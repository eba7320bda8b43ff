package distance

import (
	"math"

	"udml-gpu/kernels"
)

var pairwiseKernels = newWalkKernels("distance_pairwise")

func pairwiseCUDA(dst, x, y *kernels.Array, m Metric) {
	if dst.Len() == 0 {
		return
	}
	t := newTiling(x, m)
	cols := t.pack(y, false)
	defer cols.free()
	t.blocks(x, math.MaxInt, func(rows operand, lo, hi int) {
		count, per := parts(rows.tiles, cols.tiles, gpuBlocks)
		t.walk(pairwiseKernels, rows, cols, count, per, 0, kernels.Ptr(dst.Rows(lo, hi)), kernels.F32(float64(m.sign())))
	})
}
