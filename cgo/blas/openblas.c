// OpenBLAS by dlopen. Only functions that every OpenBLAS exports are used.
#include "openblas.h"
#include "symbols.h"
#include "symmetric.h"

#include <dlfcn.h>

typedef void (*sgemm_t)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                        const float *b, int ldb, float beta, float *c, int ldc);
typedef void (*dgemm_t)(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                        const double *b, int ldb, double beta, double *c, int ldc);
typedef char *(*text_t)(void);

enum { ROW_MAJOR = 101 };

static sgemm_t sgemm;
static dgemm_t dgemm;
static text_t config, corename;
static void *lib;

int udml_blas_open(const char *file) {
	// Read by the library while it loads. With one thread it starts no pool that would never work.
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (lib == NULL) return -1;
	sgemm = (sgemm_t)udml_blas_symbol(lib, "cblas_sgemm");
	dgemm = (dgemm_t)udml_blas_symbol(lib, "cblas_dgemm");
	config = (text_t)udml_blas_symbol(lib, "openblas_get_config");
	corename = (text_t)udml_blas_symbol(lib, "openblas_get_corename");
	void (*set_threads)(int) = (void (*)(int))udml_blas_symbol(lib, "openblas_set_num_threads");
	if (!sgemm || !dgemm || !config || !corename || !set_threads) {
		dlclose(lib);
		return -1;
	}
	set_threads(1);
	udml_blas_find_symmetric(lib);
	return 0;
}

int udml_blas_reopen(const char *file, const char *core) {
	dlclose(lib); // with one thread it has started none, which could still run after its code is unmapped
	setenv("OPENBLAS_CORETYPE", core, 1);
	return udml_blas_open(file);
}

void udml_blas_free_choice(void) { unsetenv("OPENBLAS_CORETYPE"); }

void udml_blas_reserve(int calls) {
	enum { MOST = 64 }; // every build has room for so many
	void *(*take)(int) = (void *(*)(int))dlsym(lib, "blas_memory_alloc");
	void (*give)(void *) = (void (*)(void *))dlsym(lib, "blas_memory_free");
	void *buffers[MOST];
	int n = 0;
	if (!take || !give) return;
	while (n < calls && n < MOST && (buffers[n] = take(0)) != NULL) n++;
	while (n > 0) give(buffers[--n]); // it keeps the memory for the next call
}

const char *udml_blas_config(void) { return config(); }
const char *udml_blas_core(void) { return corename(); }

void udml_sgemm(int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                const float *b, int ldb, float beta, float *c, int ldc) {
	sgemm(ROW_MAJOR, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void udml_dgemm(int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                const double *b, int ldb, double beta, double *c, int ldc) {
	dgemm(ROW_MAJOR, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
