package distance

import (
	"math"

	"udml-gpu/kernels"
)

var (
	nearestKernels = newWalkKernels("distance_nearest")
	nearestWrite   = kernels.NewKernel("distance_nearest_write")
)

// keyBytes is the size of a key: a score and its column.
const keyBytes = 8

// nearestCUDA is TopK for k = 1, or for any k where y is empty; vals and idx are [n,1].
func nearestCUDA(vals, idx, x, y *kernels.Array, m Metric, selfOffset int) {
	t := newTiling(x, m)
	n := vals.Len()
	keys := t.dev.New(kernels.Uint8, n, keyBytes)
	defer keys.Free()
	if y.Dim(0) > 0 {
		cols := t.pack(y, false)
		t.blocks(x, math.MaxInt, func(rows operand, lo, hi int) {
			count, per := parts(rows.tiles, cols.tiles, gpuBlocks)
			t.walk(nearestKernels, rows, cols, count, per, 0, kernels.Ptr(keys.Rows(lo, hi)), kernels.I32(shifted(selfOffset, lo)))
		})
		cols.free()
	}
	t.dev.Launch(nearestWrite, kernels.Elements(n), kernels.Ptr(vals), kernels.Ptr(idx), kernels.Ptr(keys), kernels.I64(n),
		kernels.F32(float64(m.sign())))
}

// shifted is the row of y that row lo of x is, or -1.
func shifted(selfOffset, lo int) int {
	if selfOffset < 0 {
		return -1
	}
	return selfOffset + lo
}
