package gemm

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// shapes are m, n, k: empty, single, primes, and the edges of the tiles, panels and chunks.
var shapes = [][3]int{
	{0, 3, 2},
	{3, 0, 2},
	{3, 2, 0},
	{1, 1, 1},
	{1, 7, 5},
	{13, 1, 11},
	{5, 17, 1},
	{63, 65, 31},
	{64, 64, 64},
	{65, 193, 257},
	{127, 129, 67},
	{257, 33, 130},
	{3, 2, 4099},
	{9, 17, 9000},
}

// bounds are relative to the largest element: the contract's (k+16) eps for |a|, |b| <= 1.
func boundOf(t kernels.DType, k int) float64 {
	eps := 0x1p-24
	if t == kernels.Float64 {
		eps = 0x1p-53
	}
	return float64(k+16) * eps
}

func operand(dev *kernels.Device, t kernels.DType, seed uint64, trans bool, rows, cols int) *kernels.Array {
	if trans {
		rows, cols = cols, rows
	}
	return optest.Uniform(dev, t, seed, -1, 1, rows, cols)
}

func TestGemm(t *testing.T) {
	t.Logf("backend %s", Backend())
	dev := kernels.CPU()
	for i, s := range shapes {
		for _, dtype := range []kernels.DType{kernels.Float32, kernels.Float64} {
			for _, trans := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
				checkGemm(t, dev, dtype, s, trans, uint64(i))
			}
		}
	}
}

// checkGemm compares Gemm with the loop in float64: once over a poisoned c, once adding to c.
func checkGemm(t *testing.T, dev *kernels.Device, dtype kernels.DType, s [3]int, trans [2]bool, seed uint64) {
	t.Helper()
	m, n, k := s[0], s[1], s[2]
	a, b := operand(dev, dtype, seed, trans[0], m, k), operand(dev, dtype, seed+100, trans[1], k, n)
	p := product[float64]{trans[0], trans[1], m, n, k, 0.75, 0, wide(a), wide(b), make([]float64, m*n)}
	multiplyLoop(p)
	name := fmt.Sprintf("%v %v %v", dtype, s, trans)
	c := optest.Poisoned(dev, dtype, m, n)
	Gemm(c, a, b, trans[0], trans[1], 0.75, 0)
	optest.Near(t, name, c, kernels.Wrap(dev, p.c, m, n), boundOf(dtype, k))
	p.beta = -0.5
	multiplyLoop(p)
	Gemm(c, a, b, trans[0], trans[1], 0.75, -0.5)
	optest.Near(t, name+" beta", c, kernels.Wrap(dev, p.c, m, n), 2*boundOf(dtype, k))
}

func wide(a *kernels.Array) []float64 { return kernels.Data[float64](optest.As(a, kernels.Float64)) }

// TestGonum runs the fallback's panels against the loop, also on a machine that has OpenBLAS.
func TestGonum(t *testing.T) {
	m, n, k := 70, 200, 300
	dev := kernels.CPU()
	a, b := operand(dev, kernels.Float64, 1, false, m, k), operand(dev, kernels.Float64, 2, true, k, n)
	p := product[float64]{false, true, m, n, k, 1, 0, wide(a), wide(b), make([]float64, m*n)}
	multiplyLoop(p)
	c := optest.Poisoned(dev, kernels.Float64, m, n)
	gonum64(false, true, m, n, k, 1, p.a, k, p.b, k, 0, kernels.Data[float64](c), n)
	optest.Near(t, "gonum", c, kernels.Wrap(dev, p.c, m, n), boundOf(kernels.Float64, k))
	c32 := optest.Poisoned(dev, kernels.Float32, m, n)
	a, b = optest.As(a, kernels.Float32), optest.As(b, kernels.Float32)
	gonum32(false, true, m, n, k, 1, kernels.Data[float32](a), k, kernels.Data[float32](b), k, 0, kernels.Data[float32](c32), n)
	optest.Near(t, "gonum32", c32, kernels.Wrap(dev, p.c, m, n), boundOf(kernels.Float32, k))
}

// TestNaN: a NaN reaches the elements that depend on it, and no others.
func TestNaN(t *testing.T) {
	dev := kernels.CPU()
	a, b := optest.Uniform(dev, kernels.Float32, 1, 1, 2, 70, 40), optest.Uniform(dev, kernels.Float32, 2, 1, 2, 40, 30)
	optest.Set(a, 7*40+3, math.NaN())
	c := dev.New(kernels.Float32, 70, 30)
	Gemm(c, a, b, false, false, 1, 0)
	for i := range c.Len() {
		if got := math.IsNaN(optest.Get(c, i)); got != (i/30 == 7) {
			t.Fatalf("element %d: NaN %v", i, got)
		}
	}
}

// TestCores: the same bits on one core and on several.
func TestCores(t *testing.T) {
	dev := kernels.CPU()
	a, b := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 9000, 19), optest.Uniform(dev, kernels.Float32, 2, -1, 1, 9000, 33)
	one, many := dev.New(kernels.Float32, 19, 33), dev.New(kernels.Float32, 19, 33)
	was := runtime.GOMAXPROCS(1)
	Gemm(one, a, b, true, false, 1, 0)
	runtime.GOMAXPROCS(4)
	Gemm(many, a, b, true, false, 1, 0)
	runtime.GOMAXPROCS(was)
	for i := range one.Len() {
		if optest.Get(one, i) != optest.Get(many, i) {
			t.Fatalf("element %d: %g on one core, %g on four", i, optest.Get(one, i), optest.Get(many, i))
		}
	}
}

func TestBlockChecksItsSlices(t *testing.T) {
	optest.Refuses(t, "gemm.", "a slice too short for its matrix", func() {
		Block(false, false, 2, 2, 2, 1, make([]float32, 4), 2, make([]float32, 3), 2, 0, make([]float32, 4), 2)
	})
}

func BenchmarkGemm(b *testing.B) {
	dev := kernels.CPU()
	for _, s := range [][3]int{{1024, 1024, 1024}, {4096, 4096, 128}, {64, 128, 41472}, {128, 128, 512}} {
		b.Run(fmt.Sprint(s[0], "x", s[1], "x", s[2]), func(b *testing.B) {
			x, y := optest.Uniform(dev, kernels.Float32, 1, -1, 1, s[0], s[2]), optest.Uniform(dev, kernels.Float32, 2, -1, 1, s[1], s[2])
			z := dev.New(kernels.Float32, s[0], s[1])
			b.ReportAllocs()
			for b.Loop() {
				Gemm(z, x, y, false, true, 1, 0)
			}
			b.ReportMetric(2*float64(s[0]*s[1]*s[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
