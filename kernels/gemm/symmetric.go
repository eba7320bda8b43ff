package gemm

import openblas "udml-gpu/cgo/blas"

// Symmetric gives the eigenvalues of the symmetric matrix a [n,n], ascending, and writes its eigenvectors over a: row k is that of value
// k, of length 1 and of either sign, as numpy.linalg.eigh. It computes on the host in float64, by LAPACK's dsyevd where OpenBLAS holds it
// (several times as fast), by own code otherwise. False, which no finite matrix was seen to give, where the iteration does not
// converge; a is then of no use.
func Symmetric(n int, a []float64) (values []float64, ok bool) {
	a = a[:n*n]
	whole := mirrored(n, a)
	if values, ok = openblas.Symmetric(n, a); ok {
		return values, true
	}
	copy(a, whole)
	return symmetricGo(n, a)
}

// mirrored writes the upper triangle of a to the lower one, and gives a copy of it.
func mirrored(n int, a []float64) []float64 {
	for i := range n {
		for j := range i {
			a[i*n+j] = a[j*n+i]
		}
	}
	return append([]float64(nil), a...)
}
