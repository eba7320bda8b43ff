package distance

import (
	"math"

	"udml-gpu/kernels"
)

var (
	bestFind    = newWalkKernels("distance_best_find")
	bestCount   = newWalkKernels("distance_best_count")
	findGroups  = newGroupKernels("distance_best_find", bestRest)
	countGroups = newGroupKernels("distance_best_count", bestRest)
	bestStart   = kernels.NewKernel("distance_best_start")
	labelRange  = kernels.NewKernel("distance_label_range")
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
	rangeY := t.labelRanges(labelsY)
	defer rangeY.Free()
	t.blocks(x, math.MaxInt, func(rows operand, lo, hi int) {
		keys, rank, self := keys.Rows(lo, hi), rank.Rows(lo, hi), kernels.I32(shifted(selfOffset, lo))
		labels := labelsX.Rows(lo, hi)
		rangeX := t.labelRanges(labels)
		t.walkAny(bestFind, findGroups, rows, cols, kernels.Ptr(labels), kernels.Ptr(labelsY), kernels.Ptr(rangeX), kernels.Ptr(rangeY),
			kernels.Ptr(keys), self)
		rangeX.Free()
		t.startRanks(rank, keys)
		t.walkAny(bestCount, countGroups, rows, cols, kernels.Ptr(rank), kernels.Ptr(keys), self)
	})
}

// labelRanges are the least and the largest label of each tile of rows, int32 [tiles,2].
func (t tiling) labelRanges(labels *kernels.Array) *kernels.Array {
	n := labels.Dim(0)
	tiles := kernels.Blocks(n, gpuTile)
	r := t.dev.Scratch(kernels.Int32, tiles, 2)
	t.dev.Launch(labelRange, kernels.Elements(tiles*32), kernels.Ptr(r), kernels.Ptr(labels), kernels.I32(n), kernels.I32(tiles))
	return r
}

// startRanks makes rank 0 where there is a key, else -1.
func (t tiling) startRanks(rank, keys *kernels.Array) {
	t.dev.Launch(bestStart, kernels.Elements(rank.Len()), kernels.Ptr(rank), kernels.Ptr(keys), kernels.I64(rank.Len()))
}
