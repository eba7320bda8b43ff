// Device memory and pinned host memory.
#include <stdlib.h>
#include <string.h>

#include <algorithm>

#include "driver.h"

using namespace udml;

CUresult cuMemAlloc_v2(CUdeviceptr *pointer, size_t bytes) {
    UDML_ENTER();
    if (CUresult error = unsafe_in_capture()) return error;
    if (!pointer || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    char *p = driver.arena.allocate(bytes);
    if (!p) return CUDA_ERROR_OUT_OF_MEMORY;
    *pointer = reinterpret_cast<CUdeviceptr>(p);
    return CUDA_SUCCESS;
}

// As on a GPU, freeing waits for all work.
CUresult cuMemFree_v2(CUdeviceptr pointer) {
    UDML_ENTER();
    if (!pointer) return CUDA_SUCCESS;
    if (CUresult error = unsafe_in_capture()) return error;
    if (CUresult error = run_all()) return error;
    int outcome = driver.arena.release(reinterpret_cast<char *>(pointer));
    if (outcome == 0) return CUDA_SUCCESS;
    if (outcome > 0) return driver.failed = CUDA_ERROR_ILLEGAL_ADDRESS;
    return explain(CUDA_ERROR_INVALID_VALUE, "cuMemFree of %p, which is not allocated", reinterpret_cast<void *>(pointer));
}

// As on a GPU, memory is counted in granules, which small allocations share.
CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
    UDML_ENTER();
    constexpr size_t kGranule = size_t{2} << 20;
    *total = driver.arena.capacity();
    *free = *total - std::min(*total, (driver.arena.used() + kGranule - 1) / kGranule * kGranule);
    return CUDA_SUCCESS;
}

// Pinned memory is page-aligned, and unwritten bytes are NaN, as on the device.
static CUresult allocate_pinned(void **pointer, size_t bytes) {
    UDML_ENTER();
    if (CUresult error = unsafe_in_capture()) return error;
    if (!pointer || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    constexpr size_t kPage = 4096;
    *pointer = aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
    if (!*pointer) return CUDA_ERROR_OUT_OF_MEMORY;
    memset(*pointer, 0xff, bytes);
    driver.pinned[static_cast<char *>(*pointer)] = bytes;
    return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **pointer, size_t bytes, unsigned) { return allocate_pinned(pointer, bytes); }
CUresult cuMemAllocHost_v2(void **pointer, size_t bytes) { return allocate_pinned(pointer, bytes); }

CUresult cuMemFreeHost(void *pointer) {
    UDML_ENTER();
    if (!pointer) return CUDA_SUCCESS;
    if (CUresult error = unsafe_in_capture()) return error;
    if (CUresult error = run_all()) return error;
    if (!driver.pinned.erase(static_cast<char *>(pointer))) return CUDA_ERROR_INVALID_VALUE;
    free(pointer);
    return CUDA_SUCCESS;
}
