package gemm

import (
	"udml-gpu/cgo/onednn"
	"udml-gpu/kernels"
)

// oneDNN multiplies float32 matrices where there is one and it is faster than OpenBLAS 0.3.21, measured on one core of Zen 4, with
// AVX-512 and without: 110 beside 100 GFLOP/s for the layers of ViT-S, 100 beside 72 for the heads of its attention.
var products = onednn.Cache[onednn.Product, onednn.Matmul]{Most: 1024}

const (
	leastWork = 1 << 18 // multiplications; below, the call takes a good part of the time
	// longSum is the sum's length from which on it is cut where a is turned over: then the library's copy of a stays in the cache.
	longSum = 1024
)

// libraryBlock is block32, with bias [n] added to each row of the product unless it is nil, by oneDNN; false where that does not multiply.
// With a bias alpha is 1 and beta 0.
func libraryBlock(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	bias []float32, beta float32, c []float32, ldc int,
) bool {
	if m*n*k < leastWork || !onednn.Available() {
		return false
	}
	depth := k
	if transA {
		depth = kernels.TileCount(k, kernels.TileCount(k, longSum))
	}
	of := func(l int) *onednn.Matmul {
		p := onednn.Product{
			TransA: transA, TransB: transB, Bias: bias != nil && l == 0, M: m, N: n, K: min(depth, k-l), LDA: lda, LDB: ldb, LDC: ldc,
			Alpha: alpha, Beta: betaOf(beta, l),
		}
		return products.Of(p, func() (*onednn.Matmul, error) { return onednn.NewMatmul(p) })
	}
	for l := 0; l < k; l += depth {
		if of(l) == nil {
			return false
		}
	}
	for l := 0; l < k; l += depth {
		mm := of(l)
		scratch := kernels.BorrowHost[float32](mm.Scratch())
		if err := mm.Run(c, a[at(0, l, lda, transA):], b[at(l, 0, ldb, transB):], bias, scratch); err != nil {
			panic(err) // other code would give other bytes
		}
		kernels.ReturnHost(scratch)
	}
	return true
}

// biased is c = op(a) op(b) + bias, the bias [n] added to each row: Block on parts of the matrices, in the calling goroutine.
func biased[T kernels.Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, bias, c []T, ldc int) {
	if k > 0 && kernels.TypeOf[T]() == kernels.Float32 && libraryBlock(transA, transB, m, n, k, 1, cast[float32](a), lda,
		cast[float32](b), ldb, cast[float32](bias), 0, cast[float32](c), ldc) {
		return
	}
	for i := range m {
		copy(c[i*ldc:], bias[:n])
	}
	Block(transA, transB, m, n, k, 1, a, lda, b, ldb, 1, c, ldc)
}
