package distance

import (
	"math"

	"udml-gpu/kernels"
)

// logSumExpLoop is the definition, of one row of scores.
func logSumExpLoop(score []float64) float64 {
	sum := 0.0
	for _, v := range score {
		sum += math.Exp(v)
	}
	return math.Log(sum)
}

// logSumExp takes some rows and columns at a time and keeps a running base for each row.
func logSumExp[T kernels.Float](y, x, c *kernels.Array, m Metric, scale float64) {
	s := newScorer[T](x, c, m, 1)
	defer s.release()
	out, n, cols := kernels.Data[T](y), x.Dim(0), c.Dim(0)
	kernels.Tiles(n, max(1, min(tileRows, n/32)), func(lo, hi int) {
		block := kernels.BorrowHost[T]((hi - lo) * tileCols)
		sums := make([]expSum, hi-lo)
		for j := 0; j < cols; j += tileCols {
			end := min(j+tileCols, cols)
			s.products(block, tileCols, lo, hi, j, end)
			for i := lo; i < hi; i++ {
				row := block[(i-lo)*tileCols:][:end-j]
				s.finish(row, row, i, j)
				addScores(&sums[i-lo], row, scale)
			}
		}
		for i := range sums {
			out[lo+i] = T(sums[i].log())
		}
		kernels.ReturnHost(block)
	})
}

// expSum is a sum of exponentials, sum times exp(base).
type expSum struct {
	base, sum float64
	based     bool // a finite base was seen
}

// addScores adds exp(scale v) for each v.
func addScores[T kernels.Float](s *expSum, row []T, scale float64) {
	most := math.Inf(-1)
	for _, v := range row {
		if v := scale * float64(v); v > most {
			most = v
		}
	}
	s.raise(most)
	for _, v := range row {
		s.sum += math.Exp(scale*float64(v) - s.base)
	}
}

// raise makes the base at least v, unless that is infinite: Inf - Inf would be NaN. The base starts as 0, with a
// sum that no base changes: 0, Inf or NaN.
func (s *expSum) raise(v float64) {
	if math.IsInf(v, 0) || s.based && v <= s.base {
		return
	}
	if s.based {
		s.sum *= math.Exp(s.base - v)
	}
	s.base, s.based = v, true
}

func (s *expSum) log() float64 { return s.base + math.Log(s.sum) }
