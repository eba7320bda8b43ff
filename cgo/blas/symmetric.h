// Eigenvalues of symmetric matrices by the LAPACK in OpenBLAS.
#ifndef UDML_SYMMETRIC_H
#define UDML_SYMMETRIC_H

// Looks for the function in the library that has been opened.
void udml_blas_find_symmetric(void *lib);

// Whether the library has it.
int udml_has_symmetric(void);

// The eigenvalues of the symmetric matrix a [n,n], ascending, and in place of a its eigenvectors: row k is that of values[k]. 0, or -1
// when there is too little memory, the matrix is too large, or the iteration does not converge; a is then of no use.
int udml_symmetric(int n, double *a, double *values);

#endif
