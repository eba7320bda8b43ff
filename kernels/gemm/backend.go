package gemm

import (
	"fmt"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	openblas "udml-gpu/cgo/blas"
	"udml-gpu/cgo/onednn"
	"udml-gpu/kernels"
)

// Backend names what multiplies, such as "OpenBLAS 0.3.21 (SkylakeX)", "gonum", or "oneDNN 3.2.0 (AVX512_CORE) and gonum".
func Backend() string {
	name := "gonum"
	if openblas.Available() {
		name = openblas.Name()
	}
	if onednn.Available() {
		name = onednn.Name() + " and " + name
	}
	return name
}

// BackendError is an error that the user must mend in the environment before anything is computed: OpenBLAS was told to use kernels that
// this processor cannot execute. nil otherwise.
func BackendError() error { return openblas.Refused() }

// BackendRemark is a sentence for the user when the library that multiplies is another or slower one than expected; "" otherwise.
func BackendRemark() string { return openblas.Remark() }

// small says that OpenBLAS has kernels for small products that read their operands where they are, without packing
// copies: those for AVX-512, since 0.3.18. Measured on Zen 4, they run at 110 to 116 GFLOP/s, the others at 80 to 105.
var small = sync.OnceValue(func() bool {
	var major, minor, patch int
	var core string
	if n, _ := fmt.Sscanf(openblas.Name(), "OpenBLAS %d.%d.%d (%s", &major, &minor, &patch, &core); n < 4 {
		return false
	}
	avx512 := core == "SkylakeX)" || core == "Cooperlake)" || core == "SapphireRapids)"
	return avx512 && (major > 0 || minor > 3 || minor == 3 && patch >= 18)
})

// The small kernels take products of up to smallWork multiplications. They lose where the operands do not stay in
// the second-level cache, smallBytes, or where a piece would be less than smallRows high.
const (
	smallWork  = 1_000_000
	smallBytes = 3 << 19
	smallRows  = 4
)

// smallPiece is the size of the pieces in which small kernels compute an m x n x k product, 0, 0 when they should not.
func smallPiece(transA, transB bool, m, n, k int) (rows, cols int) {
	if !small() || transB || (m*k+k*n+m*n)*4 > smallBytes {
		return 0, 0
	}
	cols = n
	rows = smallWork / (k * cols)
	for rows < 24 && cols > 64 {
		cols = (cols/2 + 63) &^ 63
		rows = smallWork / (k * cols)
	}
	if rows < smallRows {
		return 0, 0
	}
	return level(m, rows), cols
}

// level is a piece of at most limit, or little less, that divides m about evenly, in multiples of 8 where it can be.
func level(m, limit int) int {
	limit = min(m, max(limit&^7, min(limit, 8)))
	count := (m + limit - 1) / limit
	return min(limit, ((m+count-1)/count+7)&^7)
}

// pieces calls f for each piece of the product that OpenBLAS should be given at once.
func pieces(transA, transB bool, m, n, k int, f func(i, j, rows, cols int)) {
	rows, cols := smallPiece(transA, transB, m, n, k)
	if rows == 0 {
		f(0, 0, m, n)
		return
	}
	for j := 0; j < n; j += cols {
		for i := 0; i < m; i += rows {
			f(i, j, min(rows, m-i), min(cols, n-j))
		}
	}
}

// Gonum starts goroutines of its own from 4 blocks of 64 x 64 on; panels below that stay in this one.
// Wide panels are the faster ones: its inner loop runs along a row of c.
const (
	panelRows  = 64
	panelCols  = 192
	panelDepth = 256
)

func block32(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int,
) {
	if libraryBlock(transA, transB, m, n, k, alpha, a, lda, b, ldb, nil, beta, c, ldc) {
		return
	}
	if openblas.Available() {
		pieces(transA, transB, m, n, k, func(i, j, rows, cols int) {
			openblas.Sgemm(transA, transB, rows, cols, k, alpha, a[at(i, 0, lda, transA):], lda, b[at(0, j, ldb, transB):], ldb, beta,
				c[i*ldc+j:], ldc)
		})
		return
	}
	gonum32(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func gonum32(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int,
) {
	ta, tb := flag(transA), flag(transB)
	panels(m, n, k, func(i, j, l, rows, cols, depth int) {
		gonum.Implementation{}.Sgemm(ta, tb, rows, cols, depth, alpha, a[at(i, l, lda, transA):], lda,
			b[at(l, j, ldb, transB):], ldb, betaOf(beta, l), c[i*ldc+j:], ldc)
	})
}

func block64(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int,
) {
	if openblas.Available() {
		openblas.Dgemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	gonum64(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func gonum64(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int,
) {
	ta, tb := flag(transA), flag(transB)
	panels(m, n, k, func(i, j, l, rows, cols, depth int) {
		gonum.Implementation{}.Dgemm(ta, tb, rows, cols, depth, alpha, a[at(i, l, lda, transA):], lda,
			b[at(l, j, ldb, transB):], ldb, betaOf(beta, l), c[i*ldc+j:], ldc)
	})
}

// panels calls f for each panel of an m x n x k product; those of one part of c in ascending order of l.
func panels(m, n, k int, f func(i, j, l, rows, cols, depth int)) {
	for j := 0; j < n; j += panelCols {
		for l := 0; l < k; l += panelDepth {
			for i := 0; i < m; i += panelRows {
				f(i, j, l, min(panelRows, m-i), min(panelCols, n-j), min(panelDepth, k-l))
			}
		}
	}
}

// at is the offset of element (row, col) of op(x).
func at(row, col, ld int, trans bool) int {
	if trans {
		row, col = col, row
	}
	return row*ld + col
}

// betaOf is beta for the first panel along k, 1 for those that add to it.
func betaOf[T kernels.Float](beta T, l int) T {
	if l == 0 {
		return beta
	}
	return 1
}

func flag(trans bool) blas.Transpose {
	if trans {
		return blas.Trans
	}
	return blas.NoTrans
}

// Axpy is y += alpha x on slices of one length, in the calling goroutine, by gonum's vector code.
func Axpy[T kernels.Float](alpha T, x, y []T) {
	if len(x) != len(y) {
		panic("gemm.Axpy: x and y differ in length")
	}
	if kernels.TypeOf[T]() == kernels.Float32 {
		gonum.Implementation{}.Saxpy(len(x), float32(alpha), cast[float32](x), 1, cast[float32](y), 1)
		return
	}
	gonum.Implementation{}.Daxpy(len(x), float64(alpha), cast[float64](x), 1, cast[float64](y), 1)
}

// cast is s as the type that T is known to be, without the allocation of a type switch on a slice.
func cast[U, T kernels.Float](s []T) []U { return *(*[]U)(unsafe.Pointer(&s)) }
