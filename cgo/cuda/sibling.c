//go:build cgo && cuda

#include "sibling.h"

const char *udml_cuda_error_name(int code) {
	const char *s = NULL;
	if (cuGetErrorName((CUresult)code, &s) != CUDA_SUCCESS || s == NULL) return "unknown error";
	return s;
}

const char *udml_cuda_error_text(int code) {
	const char *s = NULL;
	if (cuGetErrorString((CUresult)code, &s) != CUDA_SUCCESS || s == NULL) return "the driver gives no text";
	return s;
}

int udml_cuda_launch(CUfunction f, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
		unsigned shared, CUstream s, unsigned long long *args, int n) {
	void *pointers[UDML_CUDA_ARGS];
	if (n < 0 || n > UDML_CUDA_ARGS) return CUDA_ERROR_INVALID_VALUE;
	for (int i = 0; i < n; i++) pointers[i] = &args[i];
	return cuLaunchKernel(f, grid_x, grid_y, grid_z, block_x, block_y, block_z, shared, s, pointers, NULL);
}

udml_cuda_types udml_cuda_find_types(void) {
	void *f = NULL;
	CUdriverProcAddressQueryResult found;
	if (cuGetProcAddress("udmlKernelTypes", &f, CUDA_VERSION, CU_GET_PROC_ADDRESS_DEFAULT, &found) != CUDA_SUCCESS) return NULL;
	return (udml_cuda_types)f;
}

const char *udml_cuda_ask_types(udml_cuda_types f, const char *kernel) { return f(kernel); }

int udml_cuda_set_shared(CUfunction f, int bytes) {
	CUresult r = cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes);
	if (r != CUDA_SUCCESS) return r;
	return cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, CU_SHAREDMEM_CARVEOUT_MAX_SHARED);
}

int udml_cuda_occupancy(CUfunction f, int threads, size_t shared, int *registers, int *static_bytes, int *local_bytes, int *blocks) {
	CUresult r = cuFuncGetAttribute(registers, CU_FUNC_ATTRIBUTE_NUM_REGS, f);
	if (r == CUDA_SUCCESS) r = cuFuncGetAttribute(static_bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, f);
	if (r == CUDA_SUCCESS) r = cuFuncGetAttribute(local_bytes, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, f);
	if (r == CUDA_SUCCESS) r = cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, f, threads, shared);
	return r;
}

int udml_cuda_alloc_host(void **p, size_t bytes) { return cuMemHostAlloc(p, bytes, 0); }

static void count(void *counter) { __atomic_add_fetch((unsigned long long *)counter, 1, __ATOMIC_RELEASE); }

int udml_cuda_count(CUstream s, unsigned long long *counter) { return cuLaunchHostFunc(s, count, counter); }

// Thread-local: calls of other threads cannot invalidate the capture.
int udml_cuda_begin_capture(CUstream s) { return cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL); }

int udml_cuda_end_capture(CUstream s, CUgraphExec *out) {
	CUgraph g;
	CUresult r = cuStreamEndCapture(s, &g);
	if (r != CUDA_SUCCESS) return r;
	r = cuGraphInstantiateWithFlags(out, g, 0);
	cuGraphDestroy(g);
	return r;
}

int udml_cuda_graph_launch(CUgraphExec g, CUstream s) { return cuGraphLaunch(g, s); }
int udml_cuda_graph_destroy(CUgraphExec g) { return cuGraphExecDestroy(g); }
