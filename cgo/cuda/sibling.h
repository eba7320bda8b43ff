// What gorgonia.org/cu lacks of the driver's API, and the loader shim's word on the driver.
#ifndef UDML_CUDA_SIBLING_H
#define UDML_CUDA_SIBLING_H

#include <cuda.h>
#include <stddef.h>

const char *udml_cuda_driver_problem(void);
const char *udml_cuda_driver_file(void);

// The name and the text of a result; never NULL.
const char *udml_cuda_error_name(int code);
const char *udml_cuda_error_text(int code);

int udml_cuda_set_shared(CUfunction f, int bytes);
int udml_cuda_alloc_host(void **p, size_t bytes);
int udml_cuda_begin_capture(CUstream s);
int udml_cuda_end_capture(CUstream s, CUgraphExec *out);
int udml_cuda_graph_launch(CUgraphExec g, CUstream s);
int udml_cuda_graph_destroy(CUgraphExec g);
int udml_cuda_shared_limit(int device, int *bytes);

#endif
