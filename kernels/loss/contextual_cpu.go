package loss

import (
	"math"

	"udml-gpu/kernels"
)

// neighbourhoods are the k nearest rows of each row, nearest first, and those that are mutual: the others are -1.
type neighbourhoods struct {
	n, k         int
	near, mutual []int32   // [n,k]
	shared       []float64 // [n,k]: T of the mutual ones, 0 elsewhere
}

func contextual[T kernels.Float](w, s, sample *kernels.Array, sigma float64, k, half int) {
	n := s.Dim(0)
	sd, wd := kernels.Data[T](s), kernels.Data[T](w)
	ints, floats := kernels.BorrowHost[int32](2*n*k), kernels.BorrowHost[float64](n*(n+k))
	defer kernels.ReturnHost(ints)
	defer kernels.ReturnHost(floats)
	b := neighbourhoods{n: n, k: k, near: ints[:n*k], mutual: ints[n*k:], shared: floats[n*n:]}
	images, expanded := kernels.Data[int32](sample), floats[:n*n]
	rows := max(1, 1024/n)
	each := func(f func(i int)) {
		kernels.Tiles(n, rows, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				f(i)
			}
		})
	}
	each(func(i int) { nearestRows(b.near[i*k:(i+1)*k], sd[i*n:(i+1)*n], images, i) })
	each(b.findMutual)
	each(b.share)
	each(func(i int) { b.expand(expanded[i*n:(i+1)*n], i, half) })
	each(func(i int) {
		for j := range n {
			p := math.Exp(-squareOf(float64(sd[i*n+j])) / sigma)
			wd[i*n+j] = T((p + (expanded[i*n+j]+expanded[j*n+i])/2) / 2)
		}
	})
}

// squareOf is the squared distance of two unit rows from their similarity; a NaN stays one.
func squareOf(s float64) float64 {
	if d := 2 - 2*s; !(d < 0) {
		return d
	}
	return 0
}

// nearestRows leaves the rows that are first in the order of nearness to row i: of its own image, then by similarity, then by number.
// Each pass finds the first one behind that of the pass before, so that no row is marked.
func nearestRows[T kernels.Float](near []int32, s []T, images []int32, i int) {
	last := place{own: true, s: math.Inf(1), j: -1}
	for a := range near {
		best := place{s: math.Inf(-1), j: int32(len(s))}
		for j, v := range s {
			p := place{own: images[j] == images[i], s: float64(v), j: int32(j)}
			if p.own {
				p.s = 0
			}
			if math.IsNaN(p.s) {
				p.s = math.Inf(-1)
			}
			if last.before(p) && p.before(best) {
				best = p
			}
		}
		near[a], last = best.j, best
	}
}

// place is a row in the order of nearness to another.
type place struct {
	own bool // of the same image
	s   float64
	j   int32
}

func (p place) before(q place) bool {
	if p.own != q.own {
		return p.own
	}
	if p.s != q.s {
		return p.s > q.s
	}
	return p.j < q.j
}

// findMutual keeps the neighbours of row i that have it among theirs.
func (b neighbourhoods) findMutual(i int) {
	for a := range b.k {
		j := b.near[i*b.k+a]
		b.mutual[i*b.k+a] = -1
		if has(b.near[int(j)*b.k:int(j+1)*b.k], int32(i)) {
			b.mutual[i*b.k+a] = j
		}
	}
}

func has(list []int32, i int32) bool {
	for _, j := range list {
		if j == i {
			return true
		}
	}
	return false
}

// share is T of row i.
func (b neighbourhoods) share(i int) {
	own, count := b.mutual[i*b.k:(i+1)*b.k], 0
	for _, j := range own {
		if j >= 0 {
			count++
		}
	}
	for a, j := range own {
		common := 0
		for _, h := range own {
			if j >= 0 && h >= 0 && has(b.mutual[int(j)*b.k:int(j+1)*b.k], h) {
				common++
			}
		}
		b.shared[i*b.k+a] = float64(common) / float64(max(1, count))
	}
}

// expand is H of row i.
func (b neighbourhoods) expand(row []float64, i, half int) {
	clear(row)
	for _, h := range b.near[i*b.k : i*b.k+half] {
		for a := int(h) * b.k; a < int(h+1)*b.k; a++ {
			if j := b.mutual[a]; j >= 0 {
				row[j] += b.shared[a]
			}
		}
	}
	for j := range row {
		row[j] /= float64(half)
	}
}
