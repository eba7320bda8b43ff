package distance

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/optest"
)

var (
	types    = []kernels.DType{kernels.Float32, kernels.Float64}
	metrics  = []Metric{SquaredL2, Cosine, InnerProduct}
	roundoff = map[kernels.DType]float64{kernels.Float32: 1.0 / (1 << 24), kernels.Float64: 1.0 / (1 << 53)}
)

// N, M, D: nothing, single rows, primes, around the tile.
var shapes = [][3]int{
	{0, 3, 4},
	{3, 0, 4},
	{2, 3, 0},
	{1, 1, 1},
	{5, 7, 3},
	{17, 1, 128},
	{1, 513, 31},
	{tileRows, tileCols, 2},
	{tileRows + 1, tileCols + 1, 5},
	{tileRows - 1, 2*tileCols - 1, 3},
}

// rowsWithNeighbours are random rows, every third of which lies close to the row before, every seventh equal to it.
func rowsWithNeighbours(dev *kernels.Device, t kernels.DType, seed uint64, n, d int) *kernels.Array {
	x, noise := optest.Uniform(dev, t, seed, -1, 2, n, d), optest.Uniform(dev, t, seed+1, -1, 1, n, d)
	for i := d; i < n*d; i++ {
		switch row := i / d; {
		case row%7 == 1:
			optest.Set(x, i, optest.Get(x, i-d))
		case row%3 == 1:
			optest.Set(x, i, optest.Get(x, i-d)+optest.Get(noise, i)*math.Pow(10, -float64(row%12)))
		}
	}
	return x
}

// errorBound is Pairwise's bound for one entry.
func errorBound(x, y []float64, m Metric, u float64) float64 {
	d := float64(len(x))
	xx, yy := between(x, x, InnerProduct), between(y, y, InnerProduct)
	const slack = 1.01 // terms of second order, and the rounding of the bound itself
	switch m {
	case Cosine:
		return slack * (d + 6) * u
	case InnerProduct:
		return slack * max(d, 1) * u * math.Sqrt(xx*yy)
	}
	return slack * min((d+4)*u*(xx+yy), (1024*(d+4)*u)*between(x, y, SquaredL2))
}

func TestPairwise(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range shapes {
			n, m, d := s[0], s[1], s[2]
			x, y := rowsWithNeighbours(dev, dt, 1, n, d), rowsWithNeighbours(dev, dt, 1, m, d)
			x64, y64 := kernels.Data[float64](optest.As(x, kernels.Float64)), kernels.Data[float64](optest.As(y, kernels.Float64))
			for _, metric := range metrics {
				got, want := optest.Poisoned(dev, dt, n, m), make([]float64, n*m)
				Pairwise(got, x, y, metric)
				pairwiseLoop(want, x64, y64, n, m, d, metric)
				for at := range want {
					i, j := at/m, at%m
					bound := errorBound(x64[i*d:(i+1)*d], y64[j*d:(j+1)*d], metric, roundoff[dt])
					bound += float64(d+6) * roundoff[kernels.Float64] * math.Abs(want[at]) // the reference rounds too
					if diff := math.Abs(optest.Get(got, at) - want[at]); !(diff <= bound) {
						t.Fatalf("%v %v %v: [%d,%d] is %g, want %g, off by %.2g, bound %.2g", dt, s, metric, i, j, optest.Get(got, at),
							want[at], diff, bound)
					}
				}
			}
		}
	}
}

// Rows far from the origin and close together: without the repair nothing would be left of their distances.
func TestPairwiseRepairsCancellation(t *testing.T) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 3, 1000, 1001, 40, 33)
	got, want := optest.Poisoned(dev, kernels.Float32, 40, 40), make([]float64, 40*40)
	Pairwise(got, x, x, SquaredL2)
	x64 := kernels.Data[float64](optest.As(x, kernels.Float64))
	pairwiseLoop(want, x64, x64, 40, 40, 33, SquaredL2)
	for i, w := range want {
		if !(math.Abs(optest.Get(got, i)-w) <= 4*roundoff[kernels.Float32]*w) {
			t.Fatalf("entry %d is %g, want %g", i, optest.Get(got, i), w)
		}
	}
}

func TestPairwiseSpecialRows(t *testing.T) {
	dev := kernels.CPU()
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	x := kernels.Of(dev, []float32{1, 2, nan, 1, inf, 1, 1, 1}, 4, 2)
	y := kernels.Of(dev, []float32{1, 2, -3, 4, 1, 1}, 3, 2)
	for _, metric := range metrics {
		got := optest.Poisoned(dev, kernels.Float32, 4, 3)
		Pairwise(got, x, y, metric)
		for i, v := range kernels.Data[float32](got) {
			if special, finite := i/3 == 1 || i/3 == 2, !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0); special == finite {
				t.Errorf("%v: entry %d is %g", metric, i, v)
			}
		}
	}
	got := optest.Poisoned(dev, kernels.Float32, 1, 2)
	Pairwise(got, kernels.Of(dev, []float32{0, 0}, 1, 2), kernels.Of(dev, []float32{3, 4, 0, 0}, 2, 2), Cosine)
	if d := kernels.Data[float32](got); d[0] != 0 || d[1] != 0 {
		t.Errorf("a zero row has cosine %v", d)
	}
}

func TestShapesThatDoNotFit(t *testing.T) {
	dev := kernels.CPU()
	f := func(shape ...int) *kernels.Array { return dev.New(kernels.Float32, shape...) }
	i := func(shape ...int) *kernels.Array { return dev.New(kernels.Int32, shape...) }
	calls := map[string]func(){
		"dst":     func() { Pairwise(f(2, 2), f(2, 3), f(3, 3), SquaredL2) },
		"columns": func() { Pairwise(f(2, 3), f(2, 3), f(3, 4), SquaredL2) },
		"type":    func() { Pairwise(f(2, 3), f(2, 3), dev.New(kernels.Float64, 3, 3), SquaredL2) },
		"metric":  func() { Pairwise(f(2, 3), f(2, 3), f(3, 3), 7) },
		"idx":     func() { TopK(f(2, 1), i(2, 2), f(2, 3), f(3, 3), Cosine, -1) },
		"self":    func() { TopK(f(2, 1), i(2, 1), f(2, 3), f(3, 3), Cosine, 2) },
		"labels":  func() { BestPositive(i(2), f(2, 3), f(3, 3), i(2), i(2), Cosine, -1) },
	}
	for name, call := range calls {
		optest.Refuses(t, "distance.", name, call)
	}
}

// The share of the sgemm rate that a whole distance matrix reaches; at least 0.7 is wanted.
func BenchmarkPairwise(b *testing.B) {
	dev := kernels.CPU()
	const n, d = 4096, 128
	x, y, dst := optest.Uniform(dev, kernels.Float32, 1, -1, 1, n, d), optest.Uniform(dev, kernels.Float32, 2, -1, 1, n, d),
		dev.New(kernels.Float32, n, n)
	run := func(name string, f func()) {
		b.Run(fmt.Sprintf("%s/%dx%dx%d", name, n, n, d), func(b *testing.B) {
			f()
			for b.Loop() {
				f()
			}
			b.ReportMetric(2*n*n*d*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
	run("gemm", func() { gemm.Gemm(dst, x, y, false, true, 1, 0) })
	for _, m := range metrics {
		run(m.String(), func() { Pairwise(dst, x, y, m) })
	}
}
