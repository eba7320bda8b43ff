package duplicates

import (
	"math"
	"math/bits"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// The block of similarities that is in memory at a time: 4 MiB, so that it is still in the cache when it is read.
const (
	blockRows = 512
	blockCols = 2048
)

// maxPairs bounds the pairs that are kept: 24 bytes each, and as much again while they are sorted out.
const maxPairs = 500_000

// slack is more than the error of a similarity in float32, so that no pair is lost before it is computed in float64.
const slack = 1e-4

// similarity is the cosine of items i and j, in float64.
func (f *finder) similarity(i, j int) float64 {
	a, b := f.c.Row(i), f.c.Row(j)
	sum := 0.0
	for k, v := range a {
		sum += float64(v) * float64(b[k])
	}
	return max(-1, min(1, sum))
}

// hashDistance is the number of bits in which the perceptual hashes differ.
func hashDistance(a, b *collection.Item) int { return bits.OnesCount64(a.Look.PHash ^ b.Look.PHash) }

// rows are the vectors of the listed items [len(list),D]: a view where float32 ones lie side by side, else a copy in dst.
func (f *finder) rows(dev *kernels.Device, dst []float32, list []int) *kernels.Array {
	if lo, n := list[0], len(list); list[n-1]-lo == n-1 && !f.c.Float16() {
		return f.c.Rows(dev, lo, lo+n)
	}
	dim := f.c.Dim()
	for k, i := range list {
		row := dst[k*dim : (k+1)*dim]
		copy(row, f.c.RowIn(row, i))
	}
	return kernels.Wrap(dev, dst[:len(list)*dim], len(list), dim)
}

// compare shows visit the similarities of each item of x with those of y, in blocks: those of x[i] with y[first:]. It is called from
// several goroutines, never for one i at the same time. With half, x and y being the same list, blocks that lie wholly on or below
// the diagonal are left out. Memory beyond the vectors: the block, and copies of its rows.
func (f *finder) compare(x, y []int, half bool, visit func(i, first int, scores []float32)) {
	if len(x) == 0 || len(y) == 0 {
		return
	}
	dev := kernels.CPU()
	defer dev.Close()
	dim := f.c.Dim()
	scores := make([]float32, blockRows*blockCols)
	xs, ys := make([]float32, blockRows*dim), make([]float32, blockCols*dim)
	done, total := 0, len(x)*len(y)
	if half {
		total /= 2
	}
	for lo := 0; lo < len(x); lo += blockRows {
		f.o.UI.Worked("comparing images", min(done, total-1), total)
		rows := x[lo:min(lo+blockRows, len(x))]
		a := f.rows(dev, xs, rows)
		first := 0
		if half {
			first = lo
		}
		for ; first < len(y); first += blockCols {
			cols := y[first:min(first+blockCols, len(y))]
			out := scores[:len(rows)*len(cols)]
			distance.Pairwise(kernels.Wrap(dev, out, len(rows), len(cols)), a, f.rows(dev, ys, cols), distance.InnerProduct)
			kernels.Tiles(len(rows), 16, func(from, to int) {
				for k := from; k < to; k++ {
					visit(lo+k, first, out[k*len(cols):(k+1)*len(cols)])
				}
			})
			done += len(out)
		}
	}
	f.o.UI.Worked("comparing images", total, total)
}

// search finds the pairs of listed items, ascending, whose similarity is at least floor and whose hashes differ in at most that many bits:
// all of them, or the most similar maxPairs.
func (f *finder) search(list []int, floor float64, hashBits int) (pairs []pair, cut bool) {
	kept := newBest(maxPairs)
	low := float32(floor - slack)
	f.compare(list, list, true, func(i, first int, scores []float32) {
		var found []pair
		a := list[i]
		for k, s := range scores {
			if !(s >= low) || first+k <= i {
				continue
			}
			b := list[first+k]
			if hashDistance(&f.c.Items[a], &f.c.Items[b]) > hashBits {
				continue
			}
			if s := f.similarity(a, b); s >= floor && !kept.below(s) {
				found = append(found, pair{a: int32(a), b: int32(b), similarity: s, match: unmatched})
			}
		}
		if found != nil {
			kept.add(found)
		}
	})
	return kept.pairs(), kept.cut
}

// histogramBins divide the similarities from 0 to 1; what is below 0 is in the first.
const histogramBins = 50

// histogram counts the values.
func histogram(values []float64) []Bin {
	bins := make([]Bin, histogramBins)
	for k := range bins {
		bins[k].Low, bins[k].High = float64(k)/histogramBins, float64(k+1)/histogramBins
	}
	for _, v := range values {
		bins[max(0, min(histogramBins-1, int(math.Floor(v*histogramBins))))].Count++
	}
	return bins
}
