package distance

import (
	"math"

	"udml-gpu/kernels"
)

var (
	bestFind  = newWalkKernels("distance_best_find")
	bestCount = newWalkKernels("distance_best_count")
	bestStart = kernels.NewKernel("distance_best_start")
)

// bestCUDA finds each row's best positive, and then counts the rows before it.
func bestCUDA(rank, x, y, labelsX, labelsY *kernels.Array, m Metric, selfOffset int) {
	n := x.Dim(0)
	if n == 0 {
		return
	}
	t := newTiling(x, m)
	keys := t.dev.New(kernels.Uint8, n, keyBytes)
	defer keys.Free()
	if y.Dim(0) == 0 {
		t.startRanks(rank, keys)
		return
	}
	cols := t.pack(y, false)
	defer cols.free()
	t.blocks(x, math.MaxInt, func(rows operand, lo, hi int) {
		keys, rank, self := keys.Rows(lo, hi), rank.Rows(lo, hi), kernels.I32(shifted(selfOffset, lo))
		count, per := parts(rows.tiles, cols.tiles, gpuBlocks)
		t.walk(bestFind, rows, cols, count, per, 0, kernels.Ptr(keys), kernels.Ptr(labelsX.Rows(lo, hi)), kernels.Ptr(labelsY), self)
		t.startRanks(rank, keys)
		t.walk(bestCount, rows, cols, count, per, 0, kernels.Ptr(rank), kernels.Ptr(keys), self)
	})
}

// startRanks makes rank 0 where there is a key, else -1.
func (t tiling) startRanks(rank, keys *kernels.Array) {
	t.dev.Launch(bestStart, kernels.Elements(rank.Len()), kernels.Ptr(rank), kernels.Ptr(keys), kernels.I64(rank.Len()))
}
