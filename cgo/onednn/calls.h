// oneDNN's functions, found by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
#ifndef UDML_ONEDNN_CALLS_H
#define UDML_ONEDNN_CALLS_H

#include "onednn.h"

typedef void *any; // engines, descriptions and primitives are pointers to what only the library knows

typedef int64_t dims[12];

typedef struct {
	int major, minor, patch;
	const char *hash;
	unsigned cpu_threads, gpu_threads; // dnnl_version_t calls them runtimes
} version_t;

typedef struct {
	int arg;
	any memory;
} exec_arg;

// X(result, name, parameters) for each function used.
#define FUNCTIONS(X) \
	X(const version_t *, version, (void)) \
	X(int, get_effective_cpu_isa, (void)) \
	X(int, engine_create, (any *engine, int kind, size_t index)) \
	X(int, stream_create, (any *stream, any engine, unsigned flags)) \
	X(int, stream_destroy, (any stream)) \
	X(int, memory_desc_create_with_strides, (any *d, int n, const dims sizes, int type, const dims strides)) \
	X(int, memory_desc_create_with_tag, (any *d, int n, const dims sizes, int type, int tag)) \
	X(int, memory_desc_clone, (any *d, any from)) \
	X(int, memory_desc_destroy, (any d)) \
	X(size_t, memory_desc_get_size, (any d)) \
	X(int, memory_create, (any *memory, any d, any engine, void *data)) \
	X(int, memory_set_data_handle, (any memory, void *data)) \
	X(int, memory_destroy, (any memory)) \
	X(int, primitive_attr_create, (any *a)) \
	X(int, primitive_attr_set_scratchpad_mode, (any a, int mode)) \
	X(int, primitive_attr_destroy, (any a)) \
	X(int, convolution_forward_primitive_desc_create, (any *d, any engine, int kind, int algorithm, any x, any w, any bias, any y, \
		const dims stride, const dims dilation, const dims before, const dims after, any attr)) \
	X(int, convolution_backward_data_primitive_desc_create, (any *d, any engine, int algorithm, any dx, any w, any dy, \
		const dims stride, const dims dilation, const dims before, const dims after, any forward, any attr)) \
	X(int, convolution_backward_weights_primitive_desc_create, (any *d, any engine, int algorithm, any x, any dw, any db, any dy, \
		const dims stride, const dims dilation, const dims before, const dims after, any forward, any attr)) \
	X(int, matmul_primitive_desc_create, (any *d, any engine, any a, any b, any bias, any c, any attr)) \
	X(int, post_ops_create, (any *p)) \
	X(int, post_ops_append_eltwise, (any p, int algorithm, float alpha, float beta)) \
	X(int, post_ops_append_sum, (any p, float scale, int zero, int type)) \
	X(int, post_ops_destroy, (any p)) \
	X(int, primitive_attr_set_post_ops, (any a, any p)) \
	X(int, reorder_primitive_desc_create, (any *d, any from, any from_engine, any to, any to_engine, any attr)) \
	X(any, primitive_desc_query_md, (any d, int what, int index)) \
	X(int, primitive_desc_query, (any d, int what, int index, void *result)) \
	X(int, primitive_desc_destroy, (any d)) \
	X(int, primitive_create, (any *p, any d)) \
	X(int, primitive_get_primitive_desc, (any p, any *d)) \
	X(int, primitive_execute, (any p, any stream, int n, const exec_arg *args)) \
	X(int, primitive_destroy, (any p))

#define FIELD(result, name, parameters) result(*name) parameters;

struct udml_onednn_calls {
	FUNCTIONS(FIELD)
	void (*set_threads)(int); // of the OpenMP that the library uses; NULL in a build without threads
	any engine;
};

extern struct udml_onednn_calls dnnl __attribute__((visibility("hidden")));

#define TRY(call) \
	if ((status = (call))) return status

enum { MOST = 5 }; // arguments of an execution

// OpenMP keeps the number of threads for each thread of the program, and Go moves goroutines between those. Primitives are made for
// a number of threads, too.
void udml_onednn_one_thread(void);

// Executes a primitive count times, each time steps further in the arguments' memory.
int udml_onednn_execute(any primitive, int n, const int *args, const any *descriptions, void *const *data, const size_t *steps,
	int count);

#endif
