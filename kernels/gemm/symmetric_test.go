package gemm

import (
	"fmt"
	"math"
	"testing"

	openblas "udml-gpu/cgo/blas"
	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// TestSymmetric: each vector is of its value, A v = w v, and they are orthonormal, to the rounding of float64: a few times n 2^-52 of
// the largest value, as LAPACK bounds it. Values ascend. A matrix of one value, whose vectors are any, is among them.
func TestSymmetric(t *testing.T) {
	t.Logf("LAPACK of OpenBLAS: %v", hasLapack())
	for _, n := range []int{1, 2, 3, 17, 64, 130} {
		for _, equal := range []bool{false, true} {
			t.Run(fmt.Sprint(n, equal), func(t *testing.T) {
				x := kernels.Data[float64](optest.Uniform(kernels.CPU(), kernels.Float64, uint64(n), -1, 1, n, n))
				a := make([]float64, n*n)
				for i := range n {
					for j := range n {
						switch {
						case !equal:
							a[i*n+j] = x[min(i, j)*n+max(i, j)]
						case i == j:
							a[i*n+j] = 3
						}
					}
				}
				v := append([]float64(nil), a...)
				for i := range n {
					for j := range i {
						v[i*n+j] = math.NaN() // only the upper triangle is given
					}
				}
				w, ok := Symmetric(n, v)
				if !ok || len(w) != n {
					t.Fatalf("%d values, %v", len(w), ok)
				}
				checkEigen(t, n, a, w, v)
			})
		}
	}
	if _, ok := Symmetric(0, nil); ok {
		t.Error("a matrix without elements has eigenvalues")
	}
}

func checkEigen(t *testing.T, n int, a, w, v []float64) {
	largest := max(math.Abs(w[0]), math.Abs(w[n-1]))
	bound := 8 * float64(n) * 0x1p-52
	for k := range n {
		if k > 0 && !(w[k] >= w[k-1]) {
			t.Fatalf("value %d is %g after %g", k, w[k], w[k-1])
		}
		for i := range n {
			product, inner := 0.0, 0.0
			for j := range n {
				product += a[i*n+j] * v[k*n+j]
				inner += v[i*n+j] * v[k*n+j]
			}
			want := 0.0
			if i == k {
				want = 1
			}
			if !(math.Abs(product-w[k]*v[k*n+i]) <= bound*largest) || !(math.Abs(inner-want) <= bound) {
				t.Fatalf("vector %d, element %d: %g of %g, inner product %g", k, i, product, w[k]*v[k*n+i], inner)
			}
		}
	}
}

// hasLapack says whether OpenBLAS computes them.
func hasLapack() bool {
	_, ok := openblas.Symmetric(1, []float64{1})
	return ok
}

func BenchmarkSymmetric(b *testing.B) {
	const n = 512
	x := kernels.Data[float64](optest.Uniform(kernels.CPU(), kernels.Float64, 1, -1, 1, n, n))
	for b.Loop() {
		if _, ok := Symmetric(n, append([]float64(nil), x...)); !ok {
			b.Fatal("no values")
		}
	}
}
