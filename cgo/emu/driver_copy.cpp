// Copies and fills.
#include <string.h>

#include "driver.h"

using namespace udml;

static char *device_memory(CUdeviceptr pointer) { return reinterpret_cast<char *>(pointer); }

static bool is_pinned(const void *p, size_t bytes) {
    auto entry = driver.pinned.upper_bound(static_cast<char *>(const_cast<void *>(p)));
    if (entry == driver.pinned.begin()) return false;
    --entry;
    size_t offset = static_cast<size_t>(static_cast<const char *>(p) - entry->first);
    return offset <= entry->second && bytes <= entry->second - offset;
}

// check looks at the device's side of a copy: at the call, and once more when a graph may have outlived the memory.
static CUresult check(CUdeviceptr pointer, size_t bytes, const char *name) {
    if (driver.arena.contains(device_memory(pointer), bytes)) return CUDA_SUCCESS;
    return explain(CUDA_ERROR_INVALID_VALUE, "%s: %zu bytes at %p are not inside one allocation of device memory", name, bytes,
                   reinterpret_cast<void *>(pointer));
}

static CUresult move(void *to, const void *from, size_t bytes) {
    memmove(to, from, bytes);
    return CUDA_SUCCESS;
}

static CUresult enqueue_to_device(CUdeviceptr to, const void *from, size_t bytes, CUstream stream, bool snapshot) {
    if (!snapshot) return enqueue(stream, [=] {
        CUresult error = check(to, bytes, "a copy to the device");
        return error ? CUDA_ERROR_ILLEGAL_ADDRESS : move(device_memory(to), from, bytes);
    });
    std::string held(static_cast<const char *>(from), bytes);
    return enqueue(stream, [to, held] { return move(device_memory(to), held.data(), held.size()); });
}

static CUresult enqueue_to_host(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
    return enqueue(stream, [=] {
        CUresult error = check(from, bytes, "a copy from the device");
        return error ? CUDA_ERROR_ILLEGAL_ADDRESS : move(to, device_memory(from), bytes);
    });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes) {
    UDML_ENTER();
    if (CUresult error = check(to, bytes, "cuMemcpyHtoD")) return error;
    if (CUresult error = enqueue_to_device(to, from, bytes, nullptr, false)) return error;
    return run_until(&driver.legacy, driver.sequence);
}

// Memory that is not pinned may change or move once the call has returned, so it is read now.
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
    UDML_ENTER();
    if (CUresult error = check(to, bytes, "cuMemcpyHtoDAsync")) return error;
    bool snapshot = !is_pinned(from, bytes) && !real_stream(stream)->capture;
    return enqueue_to_device(to, from, bytes, stream, snapshot);
}

CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes) {
    UDML_ENTER();
    if (CUresult error = check(from, bytes, "cuMemcpyDtoH")) return error;
    if (CUresult error = enqueue_to_host(to, from, bytes, nullptr)) return error;
    return run_until(&driver.legacy, driver.sequence);
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
    UDML_ENTER();
    if (CUresult error = check(from, bytes, "cuMemcpyDtoHAsync")) return error;
    if (CUresult error = enqueue_to_host(to, from, bytes, stream)) return error;
    stream = real_stream(stream);
    return is_pinned(to, bytes) || stream->capture ? CUDA_SUCCESS : run_until(stream, driver.sequence);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
    UDML_ENTER();
    if (CUresult error = check(to, bytes, "cuMemcpyDtoD, the destination")) return error;
    if (CUresult error = check(from, bytes, "cuMemcpyDtoD, the source")) return error;
    return enqueue(stream, [=] {
        if (check(to, bytes, "a copy on the device") || check(from, bytes, "a copy on the device")) return CUDA_ERROR_ILLEGAL_ADDRESS;
        return move(device_memory(to), device_memory(from), bytes);
    });
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) { return cuMemcpyDtoDAsync_v2(to, from, bytes, nullptr); }

template <typename T>
static CUresult fill(CUdeviceptr to, T value, size_t count, CUstream stream) {
    UDML_ENTER();
    if (to % sizeof(T)) return CUDA_ERROR_INVALID_VALUE;
    if (CUresult error = check(to, count * sizeof(T), "cuMemset")) return error;
    return enqueue(stream, [=] {
        if (check(to, count * sizeof(T), "a fill")) return CUDA_ERROR_ILLEGAL_ADDRESS;
        T *p = reinterpret_cast<T *>(to);
        for (size_t i = 0; i < count; i++) p[i] = value;
        return CUDA_SUCCESS;
    });
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) { return fill(to, value, count, nullptr); }
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) { return fill(to, value, count, stream); }
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t count) { return fill(to, value, count, nullptr); }
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream) { return fill(to, value, count, stream); }
