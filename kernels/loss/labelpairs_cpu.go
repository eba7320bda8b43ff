package loss

import (
	"math"

	"udml-gpu/kernels"
)

// pairRow is one row of Triplet or Contrastive.
type pairRow[T kernels.Float] struct {
	i      int
	s, ds  []T     // ds may be nil
	labels []int32 // of rows 0 to B-1
	margin float64
	// weight of a pair of one label and of a pair of two: one over how many there are. Triplet has the first alone.
	same, other float64
}

func labelPairsCPU[T kernels.Float](which pairLoss, loss, ds, s, labels *kernels.Array, margin float64) {
	n := s.Dim(0)
	data, y := kernels.Data[T](s), kernels.Data[int32](labels)
	terms := kernels.BorrowHost[float64](n)
	defer kernels.ReturnHost(terms)
	same, other := countPairs(y, n, which == tripletLoss)
	kernels.Tiles(n, max(1, 2048/max(1, n)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r := pairRow[T]{i: i, s: data[i*n : (i+1)*n], labels: y, margin: margin, same: weightOf(same), other: weightOf(other)}
			if ds != nil {
				r.ds = kernels.Data[T](ds)[i*n : (i+1)*n]
				clear(r.ds)
			}
			terms[i] = r.term(which)
		}
	})
	kernels.Data[T](loss)[0] = T(sumOf(terms))
}

// countPairs are how many ordered pairs of n rows have one label, and how many have two; with negatives, those of rows without any are
// left out of the first.
func countPairs(labels []int32, n int, negatives bool) (same, other int64) {
	rows := map[int32]int64{}
	for i := range n {
		rows[labels[i%len(labels)]]++
	}
	for _, of := range rows {
		if rest := int64(n) - of; rest > 0 || !negatives {
			same += of * (of - 1)
		}
		other += of * (int64(n) - of)
	}
	return same, other
}

func weightOf(pairs int64) float64 { return 1 / float64(max(1, pairs)) }

func (r pairRow[T]) sameLabel(j int) bool {
	return r.labels[j%len(r.labels)] == r.labels[r.i%len(r.labels)]
}

func (r pairRow[T]) term(which pairLoss) float64 {
	for j, v := range r.s {
		if j != r.i && (math.IsNaN(float64(v)) || math.IsInf(float64(v), 0)) {
			fillRow(r.ds, math.NaN())
			return math.NaN()
		}
	}
	if which == contrastiveLoss {
		return r.contrastive()
	}
	return r.triplet()
}

func (r pairRow[T]) add(j int, g float64) {
	if r.ds != nil {
		r.ds[j] += T(g)
	}
}

func (r pairRow[T]) triplet() float64 {
	sum := 0.0
	for a := range r.s {
		if a == r.i || !r.sameLabel(a) {
			continue
		}
		n := r.negative(r.s[a])
		if n < 0 {
			continue
		}
		if h := r.margin - 2*float64(r.s[a]) + 2*float64(r.s[n]); h > 0 {
			sum += r.same * h
			r.add(a, -2*r.same)
			r.add(n, 2*r.same)
		}
	}
	return sum
}

// negative is the row of another label of the largest similarity below that of the positive, or else of the smallest; -1 for none.
func (r pairRow[T]) negative(positive T) int {
	near, far := -1, -1
	for j, v := range r.s {
		if r.sameLabel(j) {
			continue
		}
		if v < positive && (near < 0 || v > r.s[near]) {
			near = j
		}
		if far < 0 || v < r.s[far] {
			far = j
		}
	}
	if near >= 0 {
		return near
	}
	return far
}

func (r pairRow[T]) contrastive() float64 {
	sum := 0.0
	for j, v := range r.s {
		if j == r.i {
			continue
		}
		square := 2 - 2*float64(v)
		slope := -2.0 // of the square
		if !(square > nearestSquare) {
			square, slope = nearestSquare, 0
		}
		if r.sameLabel(j) {
			sum += r.same * square
			r.add(j, r.same*slope)
			continue
		}
		d := math.Sqrt(square)
		if gap := r.margin - d; gap > 0 {
			sum += r.other * gap * gap
			r.add(j, -r.other*gap*slope/d)
		}
	}
	return sum
}
