// A driver for scripts/shim_test.sh with few functions: cuMemAlloc_v2, for one, is missing. FAKE_INIT is what its cuInit returns; its
// device count is how often that was called.
#include <cuda.h>
#include <stdlib.h>

static int inits;

#ifndef WITHOUT_INIT
CUresult cuInit(unsigned int flags) {
	const char *code = getenv("FAKE_INIT");
	inits++;
	return flags ? CUDA_ERROR_INVALID_VALUE : code ? atoi(code) : CUDA_SUCCESS;
}
#endif

CUresult cuDriverGetVersion(int *version) {
	*version = 13000;
	return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
	*count = inits;
	return CUDA_SUCCESS;
}

// Knows the words of one code only.
CUresult cuGetErrorName(CUresult code, const char **name) {
	if (code != CUDA_ERROR_NO_DEVICE) return CUDA_ERROR_INVALID_VALUE;
	*name = "CUDA_ERROR_NO_DEVICE";
	return CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
	if (code != CUDA_ERROR_NO_DEVICE) return CUDA_ERROR_INVALID_VALUE;
	*text = "no CUDA-capable device is detected";
	return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
	CUstream stream,
                        void **params, void **extra) {
	size_t sum = (size_t)f + gx + gy + gz + bx + by + bz + shared + (size_t)stream + (size_t)params + (size_t)extra;
	return (CUresult)(1000 + sum);
}
