package blas

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestName logs the library found, so that the log of a slow machine shows the reason.
func TestName(t *testing.T) {
	if Available() != (Name() != "") {
		t.Fatalf("Available() = %v, Name() = %q", Available(), Name())
	}
	t.Logf("OpenBLAS: %q", Name())
}

// TestCore: a processor with AVX does not run on the kernels for processors without it.
func TestCore(t *testing.T) {
	if better := betterCore("SkylakeX"); better != "" {
		t.Errorf("%s instead of what OpenBLAS has chosen", better)
	}
	if better := betterCore("Prescott"); better != "" && os.Getenv(coreVariable) == "" && strings.HasSuffix(Name(), "(Prescott)") {
		t.Errorf("%s, where %s can be used", Name(), better)
	}
}

func TestGemm(t *testing.T) {
	if !Available() {
		t.Skip("no OpenBLAS on this machine: package gemm is tested on gonum")
	}
	a, b := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 0, 2, 1, 0, 3}
	c := []float32{1, 1, 1, 1}
	Sgemm(false, false, 2, 2, 3, 2, a, 3, b, 2, 1, c, 2)
	if want := []float32{11, 23, 29, 47}; fmt.Sprint(c) != fmt.Sprint(want) {
		t.Errorf("Sgemm: %v instead of %v", c, want)
	}
	d := []float64{0, 0, 0, 0}
	Dgemm(true, true, 2, 2, 3, 1, []float64{1, 4, 2, 5, 3, 6}, 2, []float64{1, 2, 0, 0, 1, 3}, 3, 0, d, 2)
	if want := []float64{5, 11, 14, 23}; fmt.Sprint(d) != fmt.Sprint(want) {
		t.Errorf("Dgemm: %v instead of %v", d, want)
	}
}

// BenchmarkSgemm is the sgemm rate of one core, the peak that op rooms compare themselves with.
func BenchmarkSgemm(b *testing.B) {
	if !Available() {
		b.Skip("no OpenBLAS on this machine")
	}
	const n = 1024
	x, y, z := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for i := range x {
		x[i], y[i] = float32(i%7)-3, float32(i%5)-2
	}
	for b.Loop() {
		Sgemm(false, false, n, n, n, 1, x, n, y, n, 0, z, n)
	}
	b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.Logf("%s", Name())
}
