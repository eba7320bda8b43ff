package distance

import (
	"fmt"

	"udml-gpu/kernels"
)

// Part is the rows [Lo,Hi) of x. Searches for parts of the same x give together what the search for all gives, byte for byte: on a CPU the
// products are cut as for all of x.
type Part struct{ Lo, Hi int }

func (p Part) want(op string, n int) {
	if p.Lo < 0 || p.Lo > p.Hi || p.Hi > n {
		panic(fmt.Sprintf("%s: rows %d to %d are no part of %d", op, p.Lo, p.Hi, n))
	}
}

// none tells whether none of the rows [lo,hi) is in the part.
func (p Part) none(lo, hi int) bool { return hi <= p.Lo || lo >= p.Hi }

func (p Part) has(i int) bool { return i >= p.Lo && i < p.Hi }

// TopKPart is TopK for a part of x: it leaves the other rows of vals and idx, which are those of all x, as they are.
func TopKPart(vals, idx, x, y *kernels.Array, m Metric, selfOffset int, part Part) {
	wantTopK("distance.TopKPart", vals, idx, x, y, m, selfOffset)
	part.want("distance.TopKPart", x.Dim(0))
	switch kernels.PathOf("distance.TopKPart", vals, x, y) {
	case kernels.OnGPU:
		if part.Lo == part.Hi {
			return
		}
		of := func(a *kernels.Array) *kernels.Array { return a.Rows(part.Lo, part.Hi) }
		topKCUDA(of(vals), of(idx), of(x), y, m, shifted(selfOffset, part.Lo))
	case kernels.InFloat64:
		topK[float64](vals, idx, x, y, m, selfOffset, part)
	case kernels.InFloat32:
		topK[float32](vals, idx, x, y, m, selfOffset, part)
	}
}

// Nearest is TopKPart with another k for every row, and without the result in one piece: visit gets row i and the indices of its best
// k(i) rows of y, best first, fewer where there are fewer. It is called once for every row of the part, from several goroutines at a
// time, in any order; k is asked for others too; idx is valid until it returns. Rows of y that are equal have equal scores wherever they
// stand, so that they are found in the order of their indices, with any library. Memory O(largest k) a core. From a GPU it reads the
// results of some thousand rows at a time, and waits for them; after a fault of the device it visits no more rows.
func Nearest(x, y *kernels.Array, m Metric, selfOffset int, part Part, k func(i int) int, visit func(i int, idx []int32)) {
	const op = "distance.Nearest"
	wantRows(op, x, y, m)
	wantSelf(op, x.Dim(0), y.Dim(0), selfOffset)
	part.want(op, x.Dim(0))
	switch kernels.PathOf(op, x, y) {
	case kernels.OnGPU:
		if part.Lo == part.Hi {
			return
		}
		visitCUDA(x.Rows(part.Lo, part.Hi), y, m, shifted(selfOffset, part.Lo), func(i int) int { return k(part.Lo + i) },
			func(i int, idx []int32) { visit(part.Lo+i, idx) })
	case kernels.InFloat64:
		nearest[float64](x, y, m, selfOffset, part, k, visit)
	case kernels.InFloat32:
		nearest[float32](x, y, m, selfOffset, part, k, visit)
	}
}
