// The part of OpenBLAS that Go calls: plain calls through pointers that udml_blas_open fills.
#ifndef UDML_OPENBLAS_H
#define UDML_OPENBLAS_H

#include <stdlib.h>

// Opens the library file and finds the functions. 0, or -1 when the file or one of its functions is missing.
int udml_blas_open(const char *file);

// Closes the library and opens it again, with the kernels of that core.
int udml_blas_reopen(const char *file, const char *core);

// Has the library choose its kernels by itself when it is opened, even if the environment names some.
void udml_blas_free_choice(void);

// Takes the buffers for so many calls at the same time, where the library shows how.
void udml_blas_reserve(int calls);

// openblas_get_config and openblas_get_corename of the library opened; never NULL.
const char *udml_blas_config(void);
const char *udml_blas_core(void);

void udml_sgemm(int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                const float *b, int ldb, float beta, float *c, int ldc);
void udml_dgemm(int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                const double *b, int ldb, double beta, double *c, int ldc);

#endif
