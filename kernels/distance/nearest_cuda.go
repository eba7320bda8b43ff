package distance

import (
	"math"

	"udml-gpu/kernels"
)

var (
	nearestKernels = newWalkKernels("distance_nearest")
	nearestGroups  = newGroupKernels("distance_nearest", bestRest)
	nearestWrite   = kernels.NewKernel("distance_nearest_write")
)

// keyBytes is the size of a key: a score and its column.
const keyBytes = 8

// nearestCUDA is TopK for k = 1, or for any k where y is empty; vals and idx are [n,1].
func nearestCUDA(vals, idx, x, y *kernels.Array, m Metric, selfOffset int) {
	newTiling(x, m).nearest(vals, idx, x, y, nil, selfOffset)
}

// nearest is nearestCUDA; kept are the rows of x as pack makes them, or nil.
func (t tiling) nearest(vals, idx, x, y *kernels.Array, kept *operand, selfOffset int) {
	n := vals.Len()
	keys := t.dev.New(kernels.Uint8, n, keyBytes)
	defer keys.Free()
	if y.Dim(0) > 0 {
		cols := t.pack(y, false)
		search := func(rows operand, lo, hi int) {
			t.walkAny(nearestKernels, nearestGroups, rows, cols, kernels.Ptr(keys.Rows(lo, hi)), kernels.I32(shifted(selfOffset, lo)))
		}
		if kept != nil {
			search(*kept, 0, n)
		} else {
			t.blocks(x, math.MaxInt, search)
		}
		cols.free()
	}
	t.dev.Launch(nearestWrite, kernels.Elements(n), kernels.Ptr(vals), kernels.Ptr(idx), kernels.Ptr(keys), kernels.I64(n),
		kernels.F32(float64(t.metric.sign())))
}

// packedRows are rows that stay packed from one search to the next.
type packedRows struct {
	tiling
	rows operand
}

// keepPacked is nil where that takes too much memory.
func keepPacked(x *kernels.Array, m Metric) *packedRows {
	t := newTiling(x, m)
	tiles := (x.Dim(0) + gpuTile - 1) / gpuTile
	if free, _ := t.dev.MemoryInfo(); int64(tiles)*int64(t.tileBytes()) > free/budget.keptShare {
		return nil
	}
	return &packedRows{t, t.pack(x, true)}
}

func (p *packedRows) free() { p.rows.free() }

func (p *packedRows) nearest(vals, idx, y *kernels.Array) {
	if vals.Len() > 0 {
		p.tiling.nearest(vals, idx, p.rows.rows, y, &p.rows, -1)
	}
}

// shifted is the row of y that row lo of x is, or -1.
func shifted(selfOffset, lo int) int {
	if selfOffset < 0 {
		return -1
	}
	return selfOffset + lo
}
