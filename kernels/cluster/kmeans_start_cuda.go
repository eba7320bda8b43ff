package cluster

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

var (
	drawKernel     = kernels.NewKernel("cluster_draw")
	approachKernel = kernels.NewKernel("cluster_approach")
	gatherKernel   = kernels.NewKernel("cluster_gather")
)

// The sizes that kmeans_start.cu has as kTile and kCandidates.
const seedTile, seedCandidates = 128, 12

// seedingCUDA is seeding on a GPU. A step writes one of two sets of arrays and reads the other, of the step before.
type seedingCUDA struct {
	x, same             *kernels.Array // [n,D], [n]: the rows that are drawn from, and their distances that are rounding
	n, tiles, m         int            // rows, tiles of them, candidates of a step
	rows, near, sums    [2]*kernels.Array
	best, chosen, picks *kernels.Array // picks: which rows of all x holds; nil for all of them
	key                 rng.Key
}

// start draws l.c. The host does not wait.
func (l *lloydCUDA) start(key rng.Key) { l.startFrom(seedingSize(l.n, l.k, l.d), key) }

// startFrom draws l.c from n rows.
func (l *lloydCUDA) startFrom(n int, key rng.Key) {
	s := l.newSeeding(n, seedingCandidates(l.k), key)
	for j := range l.k + 1 { // the last round draws nothing: it only takes the last centroid
		s.draw(j, l.k)
		if j < l.k {
			s.approach(j)
		}
	}
	gather(l.c, s.x, s.chosen)
	s.free()
}

// newSeeding draws m candidates a step from n rows.
func (l *lloydCUDA) newSeeding(n, m int, key rng.Key) *seedingCUDA {
	s := &seedingCUDA{n: n, m: m, tiles: kernels.Blocks(n, seedTile), key: key, x: l.x, same: l.same}
	for i := range 2 {
		s.rows[i] = l.dev.Scratch(kernels.Int32, s.m)
		s.near[i] = l.dev.Scratch(kernels.Float32, s.m, n)
		s.sums[i] = l.dev.Scratch(kernels.Float64, s.m, s.tiles)
	}
	s.best, s.chosen = l.dev.Scratch(kernels.Int32, 1), l.dev.Scratch(kernels.Int32, l.k)
	if n < l.n {
		key.Sample = math.MaxUint32
		s.picks = kernels.Of(l.dev, key.Permutation(l.n)[:n], n)
		s.x = l.dev.Scratch(kernels.Float32, n, l.d)
		s.same = l.dev.Scratch(kernels.Float32, n)
		gather(s.x, l.x, s.picks)
		gather(s.same.Reshape(n, 1), l.same.Reshape(l.n, 1), s.picks)
	}
	return s
}

func (s *seedingCUDA) free() {
	if s.picks != nil {
		s.picks.Free()
		s.x.Free()
		s.same.Free()
	}
	for i := range 2 {
		s.rows[i].Free()
		s.near[i].Free()
		s.sums[i].Free()
	}
	s.best.Free()
	s.chosen.Free()
}

// candidates is how many rows step j draws: one at first, none after the last.
func (s *seedingCUDA) candidates(j, k int) int {
	switch {
	case j == 0:
		return 1
	case j == k:
		return 0
	}
	return s.m
}

// draw takes the best candidate of the step before and draws those of step j.
func (s *seedingCUDA) draw(j, k int) {
	now, old, before, m := j%2, (j+1)%2, 0, s.candidates(j, k)
	if j > 0 {
		before = s.candidates(j-1, k)
	}
	threads := min(max(seedTile, 32*s.m, (s.tiles+31)/32*32), wideBlock) // a warp a candidate, a thread a tile
	s.x.Device().Launch(drawKernel, kernels.Launch{Grid: kernels.Dim{X: m}, Block: kernels.Dim{X: threads}},
		kernels.Ptr(s.rows[now]), kernels.Ptr(s.chosen), kernels.Ptr(s.best), kernels.Ptr(s.rows[old]), kernels.Ptr(s.near[old]),
		kernels.Ptr(s.sums[old]), kernels.I32(before), kernels.I32(s.n), kernels.I32(s.tiles), kernels.I32(m), kernels.I32(j),
		kernels.U64(s.key.Seed), kernels.I32(int(s.key.Op)), kernels.I32(int(s.key.View)))
}

// approach measures the rows against the candidates of step j.
func (s *seedingCUDA) approach(j int) {
	now, old, m := j%2, (j+1)%2, s.m
	best := s.best
	if j == 0 {
		m, best = 1, nil
	}
	grid := kernels.Dim{X: s.tiles, Y: (m + seedCandidates - 1) / seedCandidates}
	s.x.Device().Launch(approachKernel, kernels.Launch{Grid: grid, Block: kernels.Dim{X: seedTile}}, kernels.Ptr(s.near[now]),
		kernels.Ptr(s.sums[now]), kernels.Ptr(s.x), kernels.Ptr(s.same), kernels.Ptr(s.rows[now]), kernels.Ptr(s.near[old]),
		kernels.Ptr(best),
		kernels.I32(s.n), kernels.I32(s.x.Dim(1)), kernels.I32(m), kernels.I32(s.tiles))
}

// gather is y_i = x_row[i], NaN where that is -1.
func gather(y, x, row *kernels.Array) {
	if y.Len() > 0 {
		x.Device().Launch(gatherKernel, warpsFor(y.Dim(0)), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(row),
			kernels.I32(y.Dim(0)), kernels.I32(x.Dim(1)))
	}
}
