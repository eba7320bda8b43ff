// The functions of the driver's API that gorgonia.org/cu lacks, and what the loader shim reports about the driver.
#ifndef UDML_CUDA_SIBLING_H
#define UDML_CUDA_SIBLING_H

#include <cuda.h>
#include <stddef.h>

const char *udml_cuda_driver_problem(void);
const char *udml_cuda_driver_file(void);

// The name and the text of a result; never NULL.
const char *udml_cuda_error_name(int code);
const char *udml_cuda_error_text(int code);

// args are n values of 8 bytes, at most UDML_CUDA_ARGS; another n gives CUDA_ERROR_INVALID_VALUE.
#define UDML_CUDA_ARGS 64
int udml_cuda_launch(CUfunction f, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
	unsigned shared, CUstream s, unsigned long long *args, int n);

// The emulated device's own function that tells the types of a kernel's parameters, a letter each; NULL with any other driver.
typedef const char *(*udml_cuda_types)(const char *kernel);
udml_cuda_types udml_cuda_find_types(void);
const char *udml_cuda_ask_types(udml_cuda_types f, const char *kernel);

int udml_cuda_set_shared(CUfunction f, int bytes);
int udml_cuda_occupancy(CUfunction f, int threads, size_t shared, int *registers, int *static_bytes, int *local_bytes, int *blocks);
int udml_cuda_alloc_host(void **p, size_t bytes);

// Adds 1 to *counter, which is in the host's memory, when all earlier work of the stream is done.
int udml_cuda_count(CUstream s, unsigned long long *counter);
int udml_cuda_begin_capture(CUstream s);
int udml_cuda_end_capture(CUstream s, CUgraphExec *out);
int udml_cuda_graph_launch(CUgraphExec g, CUstream s);
int udml_cuda_graph_destroy(CUgraphExec g);

#endif
