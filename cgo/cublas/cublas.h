// The part of cuBLASLt that Go calls, through pointers that udml_cublas_bind fills. Functions that return int return a
// cublasStatus_t, 0 for success.
#ifndef UDML_CUBLAS_H
#define UDML_CUBLAS_H

#include <stddef.h>
#include <stdint.h>

// The values are those of cublas_api.h, cublasLt.h and library_types.h of versions 12 and 13.
enum {
	UDML_CUBLAS_NOT_SUPPORTED = 15,
	UDML_CUBLAS_OP_N = 0,
	UDML_CUBLAS_OP_T = 1,
	UDML_CUBLAS_COMPUTE_32F = 68,
	UDML_CUBLAS_COMPUTE_32F_FAST_16BF = 75,
	UDML_CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
	UDML_CUDA_R_32F = 0,
	UDML_CUDA_R_16BF = 14,
	UDML_CUBLASLT_DESC_TRANSA = 3,
	UDML_CUBLASLT_DESC_TRANSB = 4,
	UDML_CUBLASLT_PREF_MAX_WORKSPACE_BYTES = 1,
	UDML_CUBLASLT_PREF_REDUCTION_SCHEME_MASK = 3,
	UDML_CUBLASLT_PREF_MIN_ALIGNMENT_A_BYTES = 5, // B, C, D follow
	UDML_CUBLASLT_REDUCTION_COMPUTE_TYPE = 2,
};

// cublasLtMatmulAlgo_t and cublasLtMatmulHeuristicResult_t, which the caller makes room for.
typedef struct {
	uint64_t data[8];
} udml_cublas_algo;

typedef struct {
	udml_cublas_algo algo;
	size_t workspace;
	int state;
	float waves;
	int reserved[4];
} udml_cublas_choice;

// Finds the functions in the library that dlopen opened: NULL, or the name of the first that it lacks.
const char *udml_cublas_bind(void *library);

// cublasLtGetVersion: 120903 for 12.9.3.
size_t udml_cublas_version(void);

// The library's words for a status.
const char *udml_cublas_text(int status);

int udml_cublas_create(void **handle);
int udml_cublas_destroy(void *handle);

// A product of dense column-major matrices: c [m,n] = op(a) [m,k] op(b) [k,n].
typedef struct {
	int transa, transb, compute;
	int factors, result; // their types
	uint64_t m, n, k;
	size_t limit; // bytes of workspace it may take
} udml_product_shape;

// Its descriptors, and the algorithm chosen for them.
typedef struct {
	void *desc, *a, *b, *c;
	udml_cublas_algo algo;
	size_t workspace; // bytes that the algorithm needs
} udml_product;

// Makes the descriptors and chooses. They are destroyed by udml_cublas_product_destroy, after a failure too.
int udml_cublas_product_create(void *handle, udml_product *p, const udml_product_shape *s);
void udml_cublas_product_destroy(udml_product *p);

// Device addresses. They are integers here so that Go does not take them for pointers into its own memory.
typedef struct {
	uintptr_t a, b, c, workspace;
	float alpha, beta;
} udml_product_operands;

// Queues c = alpha op(a) op(b) + beta c.
int udml_cublas_run(void *handle, void *stream, const udml_product *p, const udml_product_operands *o);

#endif
