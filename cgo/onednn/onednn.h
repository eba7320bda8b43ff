// The part of oneDNN that Go calls, through pointers that udml_onednn_bind fills. Functions that return int return a
// dnnl_status_t, 0 for success.
#ifndef UDML_ONEDNN_H
#define UDML_ONEDNN_H

#include <stddef.h>
#include <stdint.h>

// The values are those of dnnl_common_types.h, dnnl_types.h and dnnl_config.h of version 3.
enum {
	UDML_ONEDNN_UNIMPLEMENTED = 3,
	UDML_ONEDNN_F32 = 3,
	UDML_ONEDNN_ANY = 1,       // a layout of the library's choice
	UDML_ONEDNN_CPU = 1,       // engine kind
	UDML_ONEDNN_TRAINING = 64, // forward pass, from which backward ones follow
	UDML_ONEDNN_DIRECT = 1,    // sums of products, no other algorithm
	UDML_ONEDNN_LINEAR = 0x26, // alpha x + beta, element by element
	UDML_ONEDNN_USER = 1,      // the caller gives the scratch memory
	UDML_ONEDNN_IN_ORDER = 1,  // stream flags
	// Kinds of threads that the library was built for.
	UDML_ONEDNN_SEQUENTIAL = 1,
	UDML_ONEDNN_OPENMP = 2,
	// Queries.
	UDML_ONEDNN_IMPLEMENTATION = 8,
	UDML_ONEDNN_WEIGHTS = 131,
	UDML_ONEDNN_DIFF_WEIGHTS = 132,
	UDML_ONEDNN_SCRATCHPAD = 136,
	// Arguments of an execution.
	UDML_ONEDNN_ARG_SRC = 1,
	UDML_ONEDNN_ARG_DST = 17,
	UDML_ONEDNN_ARG_WEIGHTS = 33,
	UDML_ONEDNN_ARG_BIAS = 41,
	UDML_ONEDNN_ARG_SCRATCHPAD = 80,
	UDML_ONEDNN_ARG_DIFF_SRC = 129,
	UDML_ONEDNN_ARG_DIFF_DST = 145,
	UDML_ONEDNN_ARG_DIFF_WEIGHTS = 161,
};

// Finds the functions in the library that dlopen opened, and makes it ready: NULL, or what it lacks.
const char *udml_onednn_bind(void *library);

// The library's version: major, minor, patch.
void udml_onednn_version(int version[3]);

// dnnl_get_effective_cpu_isa: the instructions that the library uses.
int udml_onednn_isa(void);

// A convolution of one shape: x [n,h,w,c], weights [o,kh,kw,c/groups], y [n,oh,ow,o].
typedef struct {
	int n, h, w, c, oh, ow, o, kh, kw, stride, pad, groups;
} udml_onednn_shape;

enum { UDML_ONEDNN_FORWARD, UDML_ONEDNN_BACKWARD_DATA, UDML_ONEDNN_BACKWARD_WEIGHTS };

// One of its passes. own is the layout of the weights that the library chose.
typedef struct {
	int pass;
	size_t x_step, y_step;   // floats of n images
	size_t weights, scratch; // bytes of the weights in the library's layout, and of scratch memory
	void *x, *y, *plain, *own, *scratchpad;
	void *primitive, *pack, *unpack;
} udml_onednn_conv;

// Makes a pass; its weights have the layout of like's, unless that is NULL. It is destroyed by udml_onednn_destroy, after a failure too.
int udml_onednn_create(udml_onednn_conv *c, int pass, const udml_onednn_shape *s, const udml_onednn_conv *like);
void udml_onednn_destroy(udml_onednn_conv *c);

// The library's name for the code of a primitive, such as "brgconv:avx512_core".
const char *udml_onednn_code(void *primitive);

// Copies weights from [o,kh,kw,c/groups] to the library's layout, and back.
int udml_onednn_pack(const udml_onednn_conv *c, float *own, const float *plain);
int udml_onednn_unpack(const udml_onednn_conv *c, float *plain, const float *own);

// Runs the pass count times, on n images at a time, in the calling thread. Weights have the library's layout.
int udml_onednn_run(const udml_onednn_conv *c, int count, float *x, float *weights, float *y, void *scratch);

// A product of matrices of one shape: c [m,n] = alpha (op(a) [m,k] op(b) [k,n] + bias [n]) + beta c, rows lda, ldb and ldc elements apart.
typedef struct {
	int trans_a, trans_b, has_bias, m, n, k, lda, ldb, ldc;
	float alpha, beta;
} udml_onednn_product;

typedef struct {
	size_t scratch; // bytes
	void *a, *b, *bias, *c, *scratchpad; // bias is NULL where there is none
	void *primitive;
} udml_onednn_matmul;

// Makes the code of a product. It is destroyed by udml_onednn_matmul_destroy, after a failure too.
int udml_onednn_matmul_create(udml_onednn_matmul *mm, const udml_onednn_product *p);
void udml_onednn_matmul_destroy(udml_onednn_matmul *mm);

// Multiplies in the calling thread. With beta 0 the old c is not read.
int udml_onednn_matmul_run(const udml_onednn_matmul *mm, const float *a, const float *b, const float *bias, float *c, void *scratch);

#endif
