package cluster

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/rng"
)

// seeding is greedy k-means++: centroids are drawn one after the other from the rows, each with a chance that is
// proportional to its squared distance to the nearest one drawn, and of a few candidates the one stays that
// leaves the smallest sum of these distances.
type seeding[T kernels.Float] struct {
	x       []T
	n, d    int
	norm    []T       // |x_i|^2
	same    []T       // squared distances from each row that are rounding, and count as 0
	closest []T       // squared distance of each row to the nearest centroid so far
	near    []T       // [N,candidates]: the same if a candidate were taken
	tile    []float64 // sums of closest over tiles of rows
	sums    []float64 // [tiles,candidates]: sums of near
	rows    []int32   // of the candidates
	points  []T       // the candidates themselves
}

// seedingWork bounds rows x clusters x columns of one start. Beyond it, and beyond seedingRows rows a cluster, the start is
// drawn from a random part of the rows: Lloyd's algorithm, which sees all, costs less than drawing from all would.
const (
	seedingWork = 1 << 31
	seedingRows = 16
)

// seedingSize is how many of n rows are drawn from.
func seedingSize(n, k, d int) int { return min(n, max(seedingRows*k, seedingWork/(k*max(d, 1)))) }

// seedingCandidates is how many rows are drawn for each of k centroids.
func seedingCandidates(k int) int { return 2 + int(math.Log(float64(k))) }

// start draws l.c. Where fewer rows are distinct, the centroids that are left over are NaN, which no row is assigned to.
func (l *lloyd[T]) start(key rng.Key) {
	l.startFrom(seedingSize(l.x.Dim(0), l.c.Dim(0), l.x.Dim(1)), key)
}

// startFrom draws l.c from n rows.
func (l *lloyd[T]) startFrom(n int, key rng.Key) {
	k, d := l.c.Dim(0), l.x.Dim(1)
	s := newSeeding[T](n, d, seedingCandidates(k))
	defer s.release()
	s.choose(kernels.Data[T](l.x), kernels.Data[T](l.same), key)
	c := kernels.Data[T](l.c)
	for j := range k {
		if l.stop() {
			return
		}
		key.Sample = uint32(j)
		if j > 0 && !s.left() {
			fillNaN(c[j*d:])
			return
		}
		at := s.draw(key, j == 0)
		copy(c[j*d:(j+1)*d], s.x[at*d:(at+1)*d])
	}
}

func newSeeding[T kernels.Float](n, d, candidates int) *seeding[T] {
	tiles := kernels.TileCount(n, rowTile)
	return &seeding[T]{
		n: n, d: d, x: kernels.BorrowHost[T](n * d), norm: kernels.BorrowHost[T](n), same: kernels.BorrowHost[T](n),
		closest: kernels.BorrowHost[T](n), near: kernels.BorrowHost[T](n * candidates),
		points: kernels.BorrowHost[T](candidates * d), rows: kernels.BorrowHost[int32](candidates),
		tile: kernels.BorrowHost[float64](tiles), sums: kernels.BorrowHost[float64](tiles * candidates),
	}
}

// choose takes all rows, or a random part of them.
func (s *seeding[T]) choose(x, same []T, key rng.Key) {
	copy(s.x, x)
	copy(s.same, same)
	if n := len(same); s.n < n {
		key.Sample = math.MaxUint32
		for i, row := range key.Permutation(n)[:s.n] {
			copy(s.x[i*s.d:(i+1)*s.d], x[int(row)*s.d:])
			s.same[i] = same[row]
		}
	}
	for i := range s.norm {
		s.norm[i], s.closest[i] = T(sumOfSquares(s.x[i*s.d:(i+1)*s.d])), T(math.Inf(1))
	}
}

func (s *seeding[T]) release() {
	for _, b := range [][]T{s.x, s.norm, s.same, s.closest, s.near, s.points} {
		kernels.ReturnHost(b)
	}
	kernels.ReturnHost(s.tile)
	kernels.ReturnHost(s.sums)
	kernels.ReturnHost(s.rows)
}

func fillNaN[T kernels.Float](c []T) {
	for i := range c {
		c[i] = T(math.NaN())
	}
}

func sumOfSquares[T kernels.Float](x []T) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return s
}

// draw takes another row as a centroid and returns its index. The first one is uniform.
func (s *seeding[T]) draw(key rng.Key, first bool) int {
	rows := s.rows
	if first {
		rows = rows[:1]
	}
	for i := range rows {
		w := key.At(uint32(i))
		rows[i] = int32(rng.Below(w[2], s.n))
		if !first {
			rows[i] = s.pick(float64(uint64(w[0])<<21|uint64(w[1])>>11)/(1<<53), rows[i])
		}
		copy(s.points[i*s.d:(i+1)*s.d], s.x[int(rows[i])*s.d:])
	}
	kernels.Tiles(s.n, rowTile, func(lo, hi int) { s.approach(lo, hi, rows) })
	return int(rows[s.take(len(rows))])
}

// sum is that of all closest distances.
func (s *seeding[T]) sum() float64 {
	total := 0.0
	for _, v := range s.tile {
		total += v
	}
	return total
}

// left says that some row is not the same as a centroid drawn so far.
func (s *seeding[T]) left() bool { return s.sum() > 0 }

// pick is the row at part u of the sum of all closest distances, which is above 0; otherwise where rounding leads past them all.
func (s *seeding[T]) pick(u float64, otherwise int32) int32 {
	left, t := u*s.sum(), 0
	for ; t < len(s.tile)-1 && left >= s.tile[t]; t++ {
		left -= s.tile[t]
	}
	for i := t * rowTile; i < min((t+1)*rowTile, s.n); i++ {
		v := float64(s.closest[i])
		if v > 0 {
			otherwise = int32(i)
			if left < v {
				break
			}
		}
		left -= v
	}
	return otherwise
}

// approach fills near and sums for rows [lo,hi): as distance.Pairwise does, repair included.
func (s *seeding[T]) approach(lo, hi int, rows []int32) {
	m := len(rows)
	near := s.near[lo*m : hi*m]
	gemm.Block(false, true, hi-lo, m, s.d, -2, s.x[lo*s.d:hi*s.d], s.d, s.points, s.d, 0, near, m)
	sums := s.sums[lo/rowTile*m:][:m]
	clear(sums)
	for i := lo; i < hi; i++ {
		row, had := near[(i-lo)*m:][:m], s.closest[i]
		for j, v := range row {
			t := s.norm[i] + s.norm[rows[j]]
			v += t
			if !(v >= t/1024) {
				v = T(squaredDistance(s.x[i*s.d:(i+1)*s.d], s.points[j*s.d:(j+1)*s.d]))
			}
			if v <= s.same[i] {
				v = 0
			}
			if v > had {
				v = had
			}
			row[j] = v
			sums[j] += float64(v)
		}
	}
}

// take makes the candidate with the smallest sum a centroid.
func (s *seeding[T]) take(m int) int {
	best, least := 0, math.Inf(1)
	for j := range m {
		sum := 0.0
		for t := range s.tile {
			sum += s.sums[t*m+j]
		}
		if sum < least {
			best, least = j, sum
		}
	}
	for i := range s.closest {
		s.closest[i] = s.near[i*m+best]
	}
	for t := range s.tile {
		s.tile[t] = s.sums[t*m+best]
	}
	return best
}
