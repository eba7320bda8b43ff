package distance

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/half"
	"udml-gpu/kernels/optest"
)

// wholeRows has small whole numbers, so that every score is exact and ties are many.
func wholeRows(dev *kernels.Device, t kernels.DType, seed uint64, n, d int) *kernels.Array {
	x := optest.Uniform(dev, t, seed, -2, 3, n, d)
	for i := range x.Len() {
		optest.Set(x, i, math.Floor(optest.Get(x, i)))
	}
	return x
}

// scores are Pairwise in float64, larger is better.
func scores(x, y *kernels.Array, m Metric) []float64 {
	out := make([]float64, x.Dim(0)*y.Dim(0))
	pairwiseLoop(out, kernels.Data[float64](optest.As(x, kernels.Float64)), kernels.Data[float64](optest.As(y, kernels.Float64)), x.Dim(0),
		y.Dim(0), x.Dim(1), m)
	for i := range out {
		out[i] *= float64(m.sign())
	}
	return out
}

var searches = []struct{ n, m, d, k, self int }{
	{0, 5, 3, 2, -1},
	{1, 1, 1, 1, 0},
	{3, 0, 2, 2, -1},
	{5, 9, 4, 0, -1},
	{7, 11, 3, 11, -1},
	{7, 11, 3, 13, 4},
	{tileRows + 1, tileCols + 1, 3, 1, -1},
	{40, 2*tileCols + 3, 2, fewest, 7},
	{40, 2*tileCols + 3, 2, fewest + 1, 7},
	{13, 1100, 3, 500, 0},
	{9, 700, 2, 699, 600},
}

// searchesInPieces are long enough for y to be cut.
var searchesInPieces = []struct{ n, m, d, k, self int }{
	{3, 3*pieceRows + 5, 4, 5, 2*pieceRows - 1},
	{5, 2*pieceRows + 1, 5, fewest + 2, 3},
	{2, 2 * pieceRows, 1, 100, 0},
}

func TestTopKExactly(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range append(searchesInPieces, searches...) {
			x, y := wholeRows(dev, dt, 1, s.n, s.d), wholeRows(dev, dt, 2, s.m, s.d)
			for _, metric := range []Metric{SquaredL2, InnerProduct} {
				all, vals, idx := scores(x, y, metric), optest.Poisoned(dev, dt, s.n, s.k), dev.New(kernels.Int32, s.n, s.k)
				TopK(vals, idx, x, y, metric, s.self)
				for i := range s.n {
					row, self := all[i*s.m:(i+1)*s.m], -1
					if s.self >= 0 {
						self = s.self + i
					}
					want := topKLoop(row, s.m, s.k, self)
					if got := kernels.Data[int32](idx)[i*s.k:][:s.k]; !slices.Equal(got, want) {
						t.Fatalf("%v %+v %v: row %d has %v, want %v", dt, s, metric, i, got, want)
					}
					for j, at := range want {
						v := math.Inf(-1)
						if at >= 0 {
							v = row[at]
						}
						if got := optest.Get(vals, i*s.k+j); got != v*float64(metric.sign()) {
							t.Fatalf("%v %+v %v: row %d value %d is %g, want %g", dt, s, metric, i, j, got, v)
						}
					}
				}
			}
		}
	}
}

// On rows without ties the values are those of the sorted matrix within the bound of Pairwise, in order.
func TestTopKNearly(t *testing.T) {
	dev := kernels.CPU()
	x := rowsWithNeighbours(dev, kernels.Float32, 5, 300, 19)
	for _, metric := range metrics {
		all, vals, idx := scores(x, x, metric), optest.Poisoned(dev, kernels.Float32, 300, 40), dev.New(kernels.Int32, 300, 40)
		TopK(vals, idx, x, x, metric, 0)
		for i := range 300 {
			want := topKLoop(all[i*300:(i+1)*300], 300, 40, i)
			for j, at := range want {
				w := all[i*300+int(at)] * float64(metric.sign())
				got := optest.Get(vals, i*40+j)
				if !(math.Abs(got-w) <= 3e-5) || (j > 0 && float64(metric.sign())*(optest.Get(vals, i*40+j-1)-got) < 0) {
					t.Fatalf("%v: row %d value %d is %g, want %g", metric, i, j, got, w)
				}
			}
		}
	}
}

func TestTopKLeavesNaNOut(t *testing.T) {
	dev := kernels.CPU()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x := kernels.Of(dev, []float32{1, nan}, 2, 1)
	y := kernels.Of(dev, []float32{nan, 2, -inf, nan, inf}, 5, 1)
	vals, idx := optest.Poisoned(dev, kernels.Float32, 2, 4), dev.New(kernels.Int32, 2, 4)
	TopK(vals, idx, x, y, InnerProduct, -1)
	if got, want := kernels.Data[int32](idx), []int32{4, 1, 2, -1, -1, -1, -1, -1}; !slices.Equal(got, want) {
		t.Errorf("indices %v, want %v", got, want)
	}
	if got, want := kernels.Data[float32](vals), []float32{inf, 2, -inf, -inf, -inf, -inf, -inf, -inf}; !slices.Equal(got, want) {
		t.Errorf("values %v, want %v", got, want)
	}
}

// Each row has its own k, and comes exactly once.
func TestNearest(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		x := wholeRows(dev, dt, 7, 2*tileRows+5, 3)
		n := x.Dim(0)
		all, seen := scores(x, x, SquaredL2), make([][]int32, n)
		Nearest(x, x, SquaredL2, 0, Part{0, x.Dim(0)}, func(i int) int { return i % 60 }, func(i int, idx []int32) {
			if seen[i] != nil {
				t.Errorf("row %d came twice", i)
			}
			seen[i] = append([]int32{}, idx...)
		})
		for i, got := range seen {
			if want := topKLoop(all[i*n:(i+1)*n], n, i%60, i); !slices.Equal(got, want) {
				t.Fatalf("%v: row %d has %v, want %v", dt, i, got, want)
			}
		}
	}
}

func TestBestPositive(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range searches {
			x, y := wholeRows(dev, dt, 1, s.n, s.d), wholeRows(dev, dt, 2, s.m, s.d)
			lx, ly := dev.New(kernels.Int32, s.n), dev.New(kernels.Int32, s.m)
			for i := range s.n {
				kernels.Data[int32](lx)[i] = int32(i*5%7) - 1
			}
			for i := range s.m {
				kernels.Data[int32](ly)[i] = int32(i * 3 % 11)
			}
			rank := dev.New(kernels.Int32, s.n)
			for _, metric := range []Metric{SquaredL2, InnerProduct} {
				BestPositive(rank, x, y, lx, ly, metric, s.self)
				all := scores(x, y, metric)
				for i := range s.n {
					self := -1
					if s.self >= 0 {
						self = s.self + i
					}
					want := slices.IndexFunc(topKLoop(all[i*s.m:(i+1)*s.m], s.m, s.m, self), func(j int32) bool {
						return j >= 0 && kernels.Data[int32](ly)[j] == kernels.Data[int32](lx)[i]
					})
					if got := kernels.Data[int32](rank)[i]; int(got) != want {
						t.Fatalf("%v %+v %v: row %d has rank %d, want %d", dt, s, metric, i, got, want)
					}
				}
			}
		}
	}
}

func TestSortDescending(t *testing.T) {
	v := []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), 5e-324, -5e-324, math.Inf(-1), 1, 2}
	c := candidates[float64]{v, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}
	got := sortDescending(c, candidates[float64]{make([]float64, len(v)), make([]int32, len(v))})
	if want := []int32{4, 9, 2, 8, 5, 0, 1, 6, 3, 7}; !slices.Equal(got.index, want) {
		t.Errorf("order %v, want %v", got.index, want)
	}
}

func BenchmarkTopK(b *testing.B) {
	dev := kernels.CPU()
	const n, d, k = 20000, 128, 9
	x := optest.Uniform(dev, kernels.Float32, 1, -1, 1, n, d)
	vals, idx := dev.New(kernels.Float32, n, k), dev.New(kernels.Int32, n, k)
	for _, m := range metrics {
		b.Run(fmt.Sprintf("%v/%dx%dx%d/top%d", m, n, n, d, k), func(b *testing.B) {
			for b.Loop() {
				TopK(vals, idx, x, x, m, 0)
			}
			b.ReportMetric(2*n*n*d*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkBestPositive(b *testing.B) {
	dev := kernels.CPU()
	const n, d = 20000, 128
	x, labels, rank := optest.Uniform(dev, kernels.Float32, 1, -1, 1, n, d), dev.New(kernels.Int32, n), dev.New(kernels.Int32, n)
	for i := range n {
		kernels.Data[int32](labels)[i] = int32(i % 1000)
	}
	for b.Loop() {
		BestPositive(rank, x, x, labels, labels, Cosine, 0)
	}
	b.ReportMetric(2*n*n*d*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// Rows of binary16 numbers give what the same rows give as float32: of whole numbers, whose products no library rounds, the same bits.
func TestTopKHalf(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range []struct{ n, m, d, k int }{{1, 0, 3, 2}, {3, 2*pieceRows + 9, 17, 30}, {70, tileCols + 1, 8, 5}, {0, 4, 2, 1}} {
		x, y := wholeRows(dev, kernels.Float32, 1, s.n, s.d), wholeRows(dev, kernels.Float32, 2, s.m, s.d)
		halves := make([]uint16, s.m*s.d)
		for i, v := range kernels.Data[float32](y) {
			halves[i] = half.Bits(v)
		}
		vals, want := optest.Poisoned(dev, kernels.Float32, s.n, s.k), optest.Poisoned(dev, kernels.Float32, s.n, s.k)
		idx, wantIdx := dev.New(kernels.Int32, s.n, s.k), dev.New(kernels.Int32, s.n, s.k)
		TopKHalf(vals, idx, x, halves)
		TopK(want, wantIdx, x, y, InnerProduct, -1)
		if !slices.Equal(kernels.Data[float32](vals), kernels.Data[float32](want)) ||
			!slices.Equal(kernels.Data[int32](idx), kernels.Data[int32](wantIdx)) {
			t.Errorf("%+v: found %v, want %v", s, kernels.Data[int32](idx), kernels.Data[int32](wantIdx))
		}
	}
}
