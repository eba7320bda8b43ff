// The part of cuDNN that Go calls, through pointers that udml_cudnn_bind fills. Functions that return int return a
// cudnnStatus_t, 0 for success.
#ifndef UDML_CUDNN_H
#define UDML_CUDNN_H

#include <stddef.h>
#include <stdint.h>

// The values are those of cudnn_graph.h, cudnn_ops.h and cudnn_cnn.h of version 9.
enum {
	UDML_CUDNN_DATA_FLOAT = 0,
	UDML_CUDNN_DATA_BFLOAT16 = 9,
	UDML_CUDNN_TENSOR_NHWC = 1,
	UDML_CUDNN_CROSS_CORRELATION = 1,
	UDML_CUDNN_TENSOR_OP_MATH = 1,
	UDML_CUDNN_FMA_MATH = 3,
	// The algorithms that give the same bits in every run.
	UDML_CUDNN_FWD_IMPLICIT_PRECOMP_GEMM = 1,
	UDML_CUDNN_BWD_DATA_ALGO_1 = 1,
	UDML_CUDNN_BWD_FILTER_ALGO_1 = 1,
};

// Finds the functions in the library that dlopen opened: NULL, or the name of the first that it lacks.
const char *udml_cudnn_bind(void *library);

// cudnnGetVersion: 90501 for 9.5.1, 8907 for 8.9.7.
size_t udml_cudnn_version(void);

// The library's words for a status.
const char *udml_cudnn_text(int status);

int udml_cudnn_create(void **handle);
int udml_cudnn_destroy(void *handle);

// A convolution of one shape: x [n,h,w,c], filters [o,kh,kw,c / groups], y [n,oh,ow,o].
typedef struct {
	int n, h, w, c, oh, ow, o, kh, kw, stride, pad, groups, math;
	int data; // type of x, filters and y
} udml_conv_shape;

// Its descriptors.
typedef struct {
	void *x, *filters, *y, *conv;
} udml_conv;

// Makes the descriptors. They are destroyed by udml_cudnn_conv_destroy, after a failure too.
int udml_cudnn_conv_create(udml_conv *c, const udml_conv_shape *s);
void udml_cudnn_conv_destroy(udml_conv *c);

enum { UDML_FORWARD, UDML_BACKWARD_DATA, UDML_BACKWARD_WEIGHTS };

// The bytes of workspace that a pass needs.
int udml_cudnn_workspace(void *handle, const udml_conv *c, int pass, size_t *bytes);

// Device addresses. They are integers here so that Go does not take them for pointers into its own memory.
typedef struct {
	uintptr_t x, filters, y, workspace;
	size_t bytes; // of the workspace
} udml_conv_operands;

// Queues a pass: of x, filters and y (or their gradients) the one that the pass computes becomes result + beta old.
int udml_cudnn_run(void *handle, void *stream, const udml_conv *c, int pass, const udml_conv_operands *o, float beta);

#endif
