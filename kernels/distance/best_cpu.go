package distance

import (
	"math"

	"udml-gpu/kernels"
)

// scoreBudget bounds the scores that one block of rows holds, where whole rows are held: 16 MB of float32 ones.
const scoreBudget = 1 << 22

func bestPositive[T kernels.Float](rank, x, y, labelsX, labelsY *kernels.Array, m Metric, selfOffset int) {
	s := newScorer(x, y, m, T(m.sign()))
	defer s.release()
	out, own, labels := kernels.Data[int32](rank), kernels.Data[int32](labelsX), kernels.Data[int32](labelsY)
	cols := y.Dim(0)
	rows := max(1, min(tileRows/2, scoreBudget/max(cols, 1)))
	kernels.Tiles(x.Dim(0), rows, func(lo, hi int) {
		score := kernels.BorrowHost[T]((hi - lo) * cols)
		for j := 0; j < cols; j += tileCols {
			s.products(score[j:], cols, lo, hi, j, min(j+tileCols, cols))
		}
		for i := lo; i < hi; i++ {
			row := score[(i-lo)*cols:][:cols]
			s.finish(row, row, i, 0)
			if selfOffset >= 0 {
				row[selfOffset+i] = T(math.NaN())
			}
			out[i] = rankOfBest(row, labels, own[i])
		}
		kernels.ReturnHost(score)
	})
}

// rankOfBest is the number of scores before the best one of the label. A NaN is nowhere.
func rankOfBest[T kernels.Float](score []T, labels []int32, label int32) int32 {
	score = score[:len(labels)]
	best := -1
	for j, l := range labels {
		if l == label && score[j] == score[j] && (best < 0 || score[j] > score[best]) {
			best = j
		}
	}
	if best < 0 {
		return -1
	}
	return int32(countAtLeast(score[:best], score[best]) + countAbove(score[best:], score[best]))
}

func countAtLeast[T kernels.Float](a []T, bar T) (n int) {
	for _, v := range a {
		if v >= bar {
			n++
		}
	}
	return n
}

func countAbove[T kernels.Float](a []T, bar T) (n int) {
	for _, v := range a {
		if v > bar {
			n++
		}
	}
	return n
}
