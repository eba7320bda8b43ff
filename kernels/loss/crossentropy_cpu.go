package loss

import (
	"math"

	"udml-gpu/kernels"
)

// entropyRow is one row of CrossEntropy: its scores, their gradient (nil: none), its target, the columns' classes (nil: all count).
type entropyRow[T kernels.Float] struct {
	s, ds  []T
	target int
	class  []int32
}

func crossEntropy[T kernels.Float](loss, ds, s, target, class *kernels.Array, scale float64) {
	n, k := s.Dim(0), s.Dim(1)
	scores, terms := kernels.Data[T](s), kernels.BorrowHost[float64](n)
	defer kernels.ReturnHost(terms)
	kernels.Tiles(n, max(1, 2048/max(1, k)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r := entropyRow[T]{s: scores[i*k : (i+1)*k], target: i}
			if target != nil {
				r.target = int(kernels.Data[int32](target)[i])
			}
			if class != nil {
				r.class = kernels.Data[int32](class)
			}
			if ds != nil {
				r.ds = kernels.Data[T](ds)[i*k : (i+1)*k]
			}
			terms[i] = r.term(scale, scale/float64(n))
		}
	})
	kernels.Data[T](loss)[0] = T(sumOf(terms) / float64(max(1, n)))
}

// counts says whether column j is in C(i).
func (r entropyRow[T]) counts(j int) bool {
	return r.class == nil || j == r.target || r.class[j] != r.class[r.target]
}

// term is LSE - scale s_y, and leaves the gradient, factor (softmax - 1 at the target), in ds.
func (r entropyRow[T]) term(scale, factor float64) float64 {
	if r.target < 0 || r.target >= len(r.s) {
		fillRow(r.ds, math.NaN())
		return math.NaN()
	}
	top, sum := math.Inf(-1), 0.0
	for j, v := range r.s {
		if x := scale * float64(v); r.counts(j) && x > top {
			top = x
		}
	}
	for j, v := range r.s {
		if r.counts(j) {
			sum += math.Exp(scale*float64(v) - top)
		}
	}
	for j := range r.ds {
		g := 0.0
		if r.counts(j) {
			g = math.Exp(scale*float64(r.s[j])-top) / sum
		}
		if j == r.target {
			g--
		}
		r.ds[j] = T(factor * g)
	}
	return top - scale*float64(r.s[r.target]) + math.Log(sum)
}

func fillRow[T kernels.Float](row []T, v float64) {
	for j := range row {
		row[j] = T(v)
	}
}

// sumOf adds in order.
func sumOf(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum
}
