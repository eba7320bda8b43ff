package gemm

import (
	"math"
	"testing"

	"udml-gpu/cgo/onednn"
)

// TestLibraryBlock: sums that are cut, with what they add to, and products with a bias, with oneDNN and where there is none. Small whole
// numbers make any order of adding exact.
func TestLibraryBlock(t *testing.T) {
	nan := float32(math.NaN())
	for _, s := range []struct {
		transA, transB, bias bool
		m, n, k              int
		beta                 float32
	}{
		{m: 99, n: 197, k: 64},
		{transA: true, m: 70, n: 66, k: 2500},
		{transA: true, m: 70, n: 66, k: 2500, beta: 1},
		{transA: true, transB: true, bias: true, m: 33, n: 40, k: 1025},
		{transB: true, bias: true, m: 65, n: 64, k: 70},
		{bias: true, m: 3, n: 5, k: 7},
	} {
		lda, ldb, ldc := stored(s.transA, s.m, s.k)+1, stored(s.transB, s.k, s.n)+2, s.n+3
		a, b, bias, c := numbers((s.m+s.k)*lda, 1), numbers((s.n+s.k)*ldb, 2), numbers(s.n, 3), numbers(s.m*ldc, 4)
		want := make([]float32, len(c))
		for i := range c {
			row, col := i/ldc, i%ldc
			if want[i] = c[i]; col >= s.n {
				continue
			}
			if s.beta == 0 {
				want[i], c[i] = 0, nan
			}
			for l := range s.k {
				want[i] += a[at(row, l, lda, s.transA)] * b[at(l, col, ldb, s.transB)]
			}
			if s.bias {
				want[i] += bias[col]
			}
		}
		if s.bias {
			biased(s.transA, s.transB, s.m, s.n, s.k, a, lda, b, ldb, bias, c, ldc)
		} else {
			used := libraryBlock(s.transA, s.transB, s.m, s.n, s.k, 1, a, lda, b, ldb, nil, s.beta, c, ldc)
			if used != onednn.Available() {
				t.Errorf("%+v: oneDNN is used: %v, can be: %v", s, used, onednn.Available())
			}
			if !used {
				Block(s.transA, s.transB, s.m, s.n, s.k, 1, a, lda, b, ldb, s.beta, c, ldc)
			}
		}
		for i := range c {
			if c[i] != want[i] {
				t.Errorf("%+v: element %d of row %d is %g, want %g", s, i%ldc, i/ldc, c[i], want[i])
				break
			}
		}
	}
}

// numbers are whole and between -4 and 4.
func numbers(n, seed int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32((i*7919+seed*31)%9 - 4)
	}
	return list
}
