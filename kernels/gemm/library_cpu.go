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

// libraryBlock is block32 by oneDNN; false where that does not multiply.
func libraryBlock(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int,
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
			TransA: transA, TransB: transB, M: m, N: n, K: min(depth, k-l), LDA: lda, LDB: ldb, LDC: ldc, Alpha: alpha, Beta: betaOf(beta, l),
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
		if err := mm.Run(c, a[at(0, l, lda, transA):], b[at(l, 0, ldb, transB):], scratch); err != nil {
			panic(err) // other code would give other bytes
		}
		kernels.ReturnHost(scratch)
	}
	return true
}
