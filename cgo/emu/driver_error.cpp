// Names and sentences of the errors that this driver returns, as NVIDIA's has them.
#include "driver.h"

namespace {

struct Entry {
    CUresult code;
    const char *name, *text;
};

#define UDML_ERROR(name, text) {name, #name, text}
const Entry entries[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    UDML_ERROR(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    UDML_ERROR(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    UDML_ERROR(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    UDML_ERROR(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    UDML_ERROR(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    UDML_ERROR(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    UDML_ERROR(CUDA_ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device"),
    UDML_ERROR(CUDA_ERROR_SHARED_OBJECT_INIT_FAILED, "shared object initialization failed"),
    UDML_ERROR(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, "system has unsupported display driver / cuda driver combination"),
    UDML_ERROR(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    UDML_ERROR(CUDA_ERROR_ILLEGAL_STATE, "the operation cannot be performed in the present state"),
    UDML_ERROR(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    UDML_ERROR(CUDA_ERROR_NOT_READY, "device not ready"),
    UDML_ERROR(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
    UDML_ERROR(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch"),
    UDML_ERROR(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address"),
    UDML_ERROR(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
    UDML_ERROR(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing"),
    UDML_ERROR(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "operation failed due to a previous error during capture"),
    UDML_ERROR(CUDA_ERROR_STREAM_CAPTURE_MERGE, "operation would result in a merge of separate capture sequences"),
    UDML_ERROR(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "capture was not ended in the same stream as it began"),
    UDML_ERROR(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "capturing stream has unjoined work"),
    UDML_ERROR(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "dependency created on uncaptured work in another stream"),
    UDML_ERROR(CUDA_ERROR_CAPTURED_EVENT, "operation not permitted on an event last recorded in a capturing stream"),
    UDML_ERROR(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
    UDML_ERROR(CUDA_ERROR_UNKNOWN, "unknown error"),
};

const Entry *find(CUresult code) {
    for (const Entry &entry : entries)
        if (entry.code == code) return &entry;
    return nullptr;
}

}  // namespace

CUresult cuGetErrorName(CUresult code, const char **name) {
    const Entry *entry = find(code);
    *name = entry ? entry->name : nullptr;
    return entry ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
    const Entry *entry = find(code);
    *text = entry ? entry->text : nullptr;
    return entry ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
