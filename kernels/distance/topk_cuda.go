package distance

import "udml-gpu/kernels"

var (
	topKKernels = newWalkKernels("distance_topk")
	topKGroups  = newGroupKernels("distance_topk", topKRest)
	topKSort    = kernels.NewKernel("distance_topk_sort")
)

func topKCUDA(vals, idx, x, y *kernels.Array, m Metric, selfOffset int) {
	switch k := vals.Dim(1); {
	case vals.Len() == 0:
	case k == 1 || y.Dim(0) == 0:
		nearestCUDA(vals.Reshape(vals.Len(), 1), idx.Reshape(vals.Len(), 1), x, y, m, selfOffset)
	default:
		s := newGPUSearch(x, y, m, selfOffset)
		s.rows(vals, idx, x, 0)
		s.free()
	}
}

// gpuSearch is y, ready for searches of several blocks of x.
type gpuSearch struct {
	tiling
	cols operand
	self int
}

func newGPUSearch(x, y *kernels.Array, m Metric, selfOffset int) *gpuSearch {
	t := newTiling(x, m)
	return &gpuSearch{tiling: t, cols: t.pack(y, false), self: selfOffset}
}

func (s *gpuSearch) free() { s.cols.free() }

// gathered is how the candidates of a block of rows lie: [rows of its tiles, parts, room] keys.
type gathered struct{ k, parts, per, room int }

// gather says how much room each row's lists get: so much that a full list, cut to 3/2 k + 32 at most, has room for
// the next tile, and that a list which is cut had many new ones.
func (s *gpuSearch) gather(tiles, k int) gathered {
	g := gathered{k: k}
	most := max(1, budget.candidates/(tiles*gpuTile*s.room(k, s.cols.tiles)*keyBytes))
	if s.groups() {
		g.parts, g.per = groupParts(tiles, s.cols.tiles, most)
	} else {
		g.parts, g.per = parts(tiles, s.cols.tiles, most)
	}
	g.room = s.room(k, g.per)
	return g
}

// room is the places of a list of the k best of so many column tiles: it need not hold more than all columns.
func (s *gpuSearch) room(k, tiles int) int { return min(2*k+2*gpuTile, tiles*gpuTile) }

// rows is TopK for rows of x that begin at row `first` of all; y is not empty.
func (s *gpuSearch) rows(vals, idx, x *kernels.Array, first int) {
	k := vals.Dim(1)
	s.blocks(x, budget.candidates/(s.room(k, s.cols.tiles)*keyBytes), func(o operand, lo, hi int) {
		g := s.gather(o.tiles, k)
		keys := s.dev.Scratch(kernels.Uint8, o.tiles*gpuTile, g.parts*g.room*keyBytes)
		counts := s.dev.Scratch(kernels.Int32, hi-lo, g.parts)
		args := []kernels.Arg{
			kernels.Ptr(keys), kernels.Ptr(counts), kernels.I32(g.room), kernels.I32(k), kernels.I32(k + k/2 + 32),
			kernels.I32(shifted(s.self, first+lo)),
		}
		if s.groups() {
			s.walkGroups(topKGroups, o, s.cols, g.parts, g.per, args...)
		} else {
			s.walk(topKKernels, o, s.cols, g.parts, g.per, gpuTile*keyBytes, args...)
		}
		s.sort(vals.Rows(lo, hi), idx.Rows(lo, hi), keys, counts, g)
		keys.Free()
		counts.Free()
	})
}

// sort writes the k best of each row's candidates, a warp a row.
func (s *gpuSearch) sort(vals, idx, keys, counts *kernels.Array, g gathered) {
	n := vals.Dim(0)
	l := kernels.Launch{Grid: kernels.Dim{X: kernels.Blocks(n, gpuThreads/32)}, Block: kernels.Dim{X: gpuThreads}}
	s.dev.Launch(topKSort, l, kernels.Ptr(vals), kernels.Ptr(idx), kernels.Ptr(keys), kernels.Ptr(counts), kernels.I32(n),
		kernels.I32(g.parts), kernels.I32(g.room), kernels.I32(g.k), kernels.F32(float64(s.metric.sign())))
}
