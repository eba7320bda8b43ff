// LAPACK's dsyevd out of an OpenBLAS that holds it, which most builds do. Its arguments are Fortran's: everything by address.
#include "symbols.h"
#include "symmetric.h"

#include <stdint.h>
#include <stdlib.h>

typedef void (*narrow_t)(const char *job, const char *uplo, const int32_t *n, double *a, const int32_t *lda, double *w, double *work,
                         const int32_t *lwork, int32_t *iwork, const int32_t *liwork, int32_t *info, size_t, size_t);
typedef void (*wide_t)(const char *job, const char *uplo, const int64_t *n, double *a, const int64_t *lda, double *w, double *work,
                       const int64_t *lwork, int64_t *iwork, const int64_t *liwork, int64_t *info, size_t, size_t);

static narrow_t narrow;
static wide_t wide;

void udml_blas_find_symmetric(void *lib) {
	int is_wide = 0;
	void *found = udml_blas_lapack(lib, "dsyevd_", &is_wide);
	narrow = is_wide ? NULL : (narrow_t)found;
	wide = is_wide ? (wide_t)found : NULL;
}

int udml_has_symmetric(void) { return narrow != NULL || wide != NULL; }

int udml_symmetric(int n, double *a, double *values) {
	size_t m = (size_t)n;
	// The least that dsyevd asks for, and room for blocks of 64 in the reduction to a tridiagonal matrix.
	int64_t lwork = (int64_t)(1 + 6 * m + 2 * m * m + 64 * m), liwork = (int64_t)(3 + 5 * m), info = -1;
	double *work = malloc((size_t)lwork * sizeof *work);
	int64_t *iwork = malloc((size_t)liwork * sizeof *iwork);
	if (work != NULL && iwork != NULL) {
		if (wide != NULL) {
			int64_t order = n;
			wide("V", "L", &order, a, &order, values, work, &lwork, iwork, &liwork, &info, 1, 1);
		} else if (lwork <= INT32_MAX) {
			int32_t order = n, lw = (int32_t)lwork, liw = (int32_t)liwork, told = -1;
			narrow("V", "L", &order, a, &order, values, work, &lw, (int32_t *)iwork, &liw, &told, 1, 1);
			info = told;
		}
	}
	free(work);
	free(iwork);
	return info == 0 ? 0 : -1;
}
