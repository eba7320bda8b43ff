// The names under which builds of OpenBLAS export their functions. A distribution's are plain; those of the Python wheels
// scipy-openblas32 and scipy-openblas64 begin with scipy_, so that others can be in the same process; and those of builds
// with 64-bit integers (ILP64) end in 64_.
#include "symbols.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef void (*wide_sgemm_t)(int order, int ta, int tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                             const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
typedef void (*wide_dgemm_t)(int order, int ta, int tb, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t lda,
                             const double *b, int64_t ldb, double beta, double *c, int64_t ldc);

static wide_sgemm_t wide_sgemm;
static wide_dgemm_t wide_dgemm;

// With the narrow signature, for a library whose integers are wide.
static void narrow_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                         const float *b, int ldb, float beta, float *c, int ldc) {
	wide_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

static void narrow_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                         const double *b, int ldb, double beta, double *c, int ldc) {
	wide_dgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

static void *find(void *lib, const char *prefix, const char *name, const char *suffix) {
	char full[64];
	int n = snprintf(full, sizeof full, "%s%s%s", prefix, name, suffix);
	return n < (int)sizeof full ? dlsym(lib, full) : NULL;
}

void *udml_blas_symbol(void *lib, const char *name) {
	static const char *const prefixes[] = {"", "scipy_"};
	for (int i = 0; i < 2; i++) {
		void *plain = find(lib, prefixes[i], name, "");
		if (plain) return plain;
		void *wide = find(lib, prefixes[i], name, "64_");
		if (!wide) continue;
		if (strcmp(name, "cblas_sgemm") == 0) {
			wide_sgemm = (wide_sgemm_t)wide;
			return (void *)narrow_sgemm;
		}
		if (strcmp(name, "cblas_dgemm") == 0) {
			wide_dgemm = (wide_dgemm_t)wide;
			return (void *)narrow_dgemm;
		}
		return wide; // takes no integer as wide as that: openblas_set_num_threads has an int in every build
	}
	return NULL;
}

void *udml_blas_lapack(void *lib, const char *name, int *wide) {
	static const char *const prefixes[] = {"", "scipy_"};
	for (int i = 0; i < 2; i++) {
		void *found = find(lib, prefixes[i], name, "");
		*wide = 0;
		if (found) return found;
		found = find(lib, prefixes[i], name, "64_");
		*wide = 1;
		if (found) return found;
	}
	return NULL;
}
