package gemm

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// TestSymmetricGo: matrices that are hard on an iteration, with each number of rows beside the four that turn at once: of low rank, of
// values over 12 powers of ten, in two parts, and all zeros.
func TestSymmetricGo(t *testing.T) {
	for _, n := range []int{1, 2, 4, 7, 65, 130} {
		x := kernels.Data[float64](optest.Uniform(kernels.CPU(), kernels.Float64, uint64(n), -1, 1, n, n))
		for name, element := range map[string]func(i, j int) float64{
			"rank 3": func(i, j int) (sum float64) {
				for k := range min(3, n) {
					sum += x[k*n+i] * x[k*n+j]
				}
				return sum
			},
			"graded":    func(i, j int) float64 { return x[min(i, j)*n+max(i, j)] * math.Pow(10, -6*float64(i+j)/float64(n)) },
			"two parts": func(i, j int) float64 { return x[min(i, j)*n+max(i, j)] * float64((i+j+1)%2) },
			"zero":      func(int, int) float64 { return 0 },
			"large":     func(i, j int) float64 { return x[min(i, j)*n+max(i, j)] * 0x1p400 },
			"small":     func(i, j int) float64 { return x[min(i, j)*n+max(i, j)] * 0x1p-400 },
		} {
			a := make([]float64, n*n)
			for i := range a {
				a[i] = element(i/n, i%n)
			}
			v := slices.Clone(a)
			w, ok := symmetricGo(n, v)
			if !ok || len(w) != n {
				t.Fatalf("%s, n %d: %d values, %v", name, n, len(w), ok)
			}
			t.Run(name, func(t *testing.T) { checkEigen(t, n, a, w, v) })
		}
	}
}

// TestSymmetricGoAlike: one core gives the bytes of two, and NaN gives no values.
func TestSymmetricGoAlike(t *testing.T) {
	const n = 131
	x := kernels.Data[float64](optest.Uniform(kernels.CPU(), kernels.Float64, 1, -1, 1, n, n))
	for i := range n {
		for j := range i {
			x[i*n+j] = x[j*n+i]
		}
	}
	a, b := slices.Clone(x), slices.Clone(x)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	w, _ := symmetricGo(n, a)
	runtime.GOMAXPROCS(4)
	v, _ := symmetricGo(n, b)
	if !slices.Equal(w, v) || !slices.Equal(a, b) {
		t.Error("the number of cores changes the bytes")
	}
	x[3*n+4], x[4*n+3] = math.NaN(), math.NaN()
	if w, ok := symmetricGo(n, x); ok {
		t.Errorf("NaN has the values %g...", w[0])
	}
}
