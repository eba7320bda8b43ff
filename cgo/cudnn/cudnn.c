// cuDNN by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
#include "cudnn.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef void *any; // handles and descriptors are pointers to what only the library knows

// X(result, name, parameters) for each function used.
#define FUNCTIONS(X) \
	X(size_t, GetVersion, (void)) \
	X(const char *, GetErrorString, (int status)) \
	X(int, Create, (any *handle)) \
	X(int, Destroy, (any handle)) \
	X(int, SetStream, (any handle, void *stream)) \
	X(int, CreateTensorDescriptor, (any *d)) \
	X(int, SetTensor4dDescriptor, (any d, int format, int type, int n, int c, int h, int w)) \
	X(int, DestroyTensorDescriptor, (any d)) \
	X(int, CreateFilterDescriptor, (any *d)) \
	X(int, SetFilter4dDescriptor, (any d, int type, int format, int o, int c, int h, int w)) \
	X(int, DestroyFilterDescriptor, (any d)) \
	X(int, CreateConvolutionDescriptor, (any *d)) \
	X(int, SetConvolution2dDescriptor, (any d, int padh, int padw, int strideh, int stridew, int dilationh, int dilationw, \
		int mode, int type)) \
	X(int, SetConvolutionGroupCount, (any d, int groups)) \
	X(int, SetConvolutionMathType, (any d, int math)) \
	X(int, DestroyConvolutionDescriptor, (any d)) \
	X(int, GetConvolutionForwardWorkspaceSize, (any handle, any x, any w, any conv, any y, int algo, size_t *bytes)) \
	X(int, GetConvolutionBackwardDataWorkspaceSize, (any handle, any w, any dy, any conv, any dx, int algo, size_t *bytes)) \
	X(int, GetConvolutionBackwardFilterWorkspaceSize, (any handle, any x, any dy, any conv, any dw, int algo, size_t *bytes)) \
	X(int, ConvolutionForward, (any handle, const void *alpha, any xd, const void *x, any wd, const void *w, any conv, int algo, \
	                            void *workspace, size_t bytes, const void *beta, any yd, void *y)) \
	X(int, ConvolutionBackwardData, (any handle, const void *alpha, any wd, const void *w, any dyd, const void *dy, any conv, int algo, \
	                                 void *workspace, size_t bytes, const void *beta, any dxd, void *dx)) \
	X(int, ConvolutionBackwardFilter, (any handle, const void *alpha, any xd, const void *x, any dyd, const void *dy, any conv, int algo, \
	                                   void *workspace, size_t bytes, const void *beta, any dwd, void *dw))

#define DECLARE(result, name, parameters) static result(*name) parameters;
FUNCTIONS(DECLARE)

const char *udml_cudnn_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(name = (result(*) parameters)dlsym(library, "cudnn" #name))) return "cudnn" #name;
	FUNCTIONS(BIND)
	return NULL;
}

size_t udml_cudnn_version(void) { return GetVersion(); }
const char *udml_cudnn_text(int status) { return GetErrorString(status); }
int udml_cudnn_create(void **handle) { return Create(handle); }
int udml_cudnn_destroy(void *handle) { return Destroy(handle); }

#define TRY(call) \
	if ((status = (call))) return status

int udml_cudnn_conv_create(udml_conv *c, const udml_conv_shape *s) {
	int status;
	memset(c, 0, sizeof *c);
	TRY(CreateTensorDescriptor(&c->x));
	TRY(CreateTensorDescriptor(&c->y));
	TRY(CreateFilterDescriptor(&c->filters));
	TRY(CreateConvolutionDescriptor(&c->conv));
	TRY(SetTensor4dDescriptor(c->x, UDML_CUDNN_TENSOR_NHWC, s->data, s->n, s->c, s->h, s->w));
	TRY(SetTensor4dDescriptor(c->y, UDML_CUDNN_TENSOR_NHWC, s->data, s->n, s->o, s->oh, s->ow));
	TRY(SetFilter4dDescriptor(c->filters, s->data, UDML_CUDNN_TENSOR_NHWC, s->o, s->c / s->groups, s->kh, s->kw));
	TRY(SetConvolution2dDescriptor(c->conv, s->pad, s->pad, s->stride, s->stride, 1, 1, UDML_CUDNN_CROSS_CORRELATION,
		UDML_CUDNN_DATA_FLOAT));
	TRY(SetConvolutionGroupCount(c->conv, s->groups));
	return SetConvolutionMathType(c->conv, s->math);
}

void udml_cudnn_conv_destroy(udml_conv *c) {
	if (c->x) DestroyTensorDescriptor(c->x);
	if (c->y) DestroyTensorDescriptor(c->y);
	if (c->filters) DestroyFilterDescriptor(c->filters);
	if (c->conv) DestroyConvolutionDescriptor(c->conv);
	memset(c, 0, sizeof *c);
}

int udml_cudnn_workspace(void *handle, const udml_conv *c, int pass, size_t *bytes) {
	switch (pass) {
	case UDML_FORWARD:
		return GetConvolutionForwardWorkspaceSize(handle, c->x, c->filters, c->conv, c->y, UDML_CUDNN_FWD_IMPLICIT_PRECOMP_GEMM, bytes);
	case UDML_BACKWARD_DATA:
		return GetConvolutionBackwardDataWorkspaceSize(handle, c->filters, c->y, c->conv, c->x, UDML_CUDNN_BWD_DATA_ALGO_1, bytes);
	default:
		return GetConvolutionBackwardFilterWorkspaceSize(handle, c->x, c->y, c->conv, c->filters, UDML_CUDNN_BWD_FILTER_ALGO_1, bytes);
	}
}

int udml_cudnn_run(void *handle, void *stream, const udml_conv *c, int pass, const udml_conv_operands *o, float beta) {
	const float one = 1;
	void *x = (void *)o->x, *filters = (void *)o->filters, *y = (void *)o->y, *workspace = (void *)o->workspace;
	int status;
	TRY(SetStream(handle, stream));
	switch (pass) {
	case UDML_FORWARD:
		return ConvolutionForward(handle, &one, c->x, x, c->filters, filters, c->conv, UDML_CUDNN_FWD_IMPLICIT_PRECOMP_GEMM,
		                          workspace, o->bytes, &beta, c->y, y);
	case UDML_BACKWARD_DATA:
		return ConvolutionBackwardData(handle, &one, c->filters, filters, c->y, y, c->conv, UDML_CUDNN_BWD_DATA_ALGO_1,
		                               workspace, o->bytes, &beta, c->x, x);
	default:
		return ConvolutionBackwardFilter(handle, &one, c->x, x, c->y, y, c->conv, UDML_CUDNN_BWD_FILTER_ALGO_1,
		                                 workspace, o->bytes, &beta, c->filters, filters);
	}
}
