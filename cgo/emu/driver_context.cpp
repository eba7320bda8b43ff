// Contexts: each device's primary one, and others; a stack of them for each thread of the program.
#include <algorithm>

#include "driver.h"

using namespace udml;

static bool exists(CUdevice device) { return device >= 0 && device < driver.devices; }

// leave waits for all work and checks the guards, because a context's memory ends with it.
static CUresult leave() {
    CUresult error = run_all();
    if (error) return error;
    if (driver.arena.check()) return CUDA_SUCCESS;
    return driver.failed = CUDA_ERROR_ILLEGAL_ADDRESS;
}

#define UDML_ENTER_PRIMARY(device)               \
    udml::Call call(false);                      \
    if (call.error) return call.error;           \
    if (!exists(device)) return CUDA_ERROR_INVALID_DEVICE; \
    CUctx_st &primary = driver.primary[static_cast<size_t>(device)]

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    UDML_ENTER_PRIMARY(device);
    primary.references++;
    *context = &primary;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    UDML_ENTER_PRIMARY(device);
    if (primary.references == 0) return CUDA_ERROR_INVALID_CONTEXT;
    return --primary.references ? CUDA_SUCCESS : leave();
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
    UDML_ENTER_PRIMARY(device);
    primary.references = 0;
    return leave();
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned) {
    UDML_ENTER_PRIMARY(device);
    (void)primary;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned *flags, int *active) {
    UDML_ENTER_PRIMARY(device);
    *flags = 0;
    *active = primary.references > 0;
    return CUDA_SUCCESS;
}

// The names before _v2 are still called by programs made with older headers.
#undef cuDevicePrimaryCtxRelease
#undef cuDevicePrimaryCtxReset
#undef cuDevicePrimaryCtxSetFlags
extern "C" CUresult cuDevicePrimaryCtxRelease(CUdevice device) { return cuDevicePrimaryCtxRelease_v2(device); }
extern "C" CUresult cuDevicePrimaryCtxReset(CUdevice device) { return cuDevicePrimaryCtxReset_v2(device); }
extern "C" CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) {
    return cuDevicePrimaryCtxSetFlags_v2(device, flags);
}

CUresult cuCtxCreate_v2(CUcontext *context, unsigned, CUdevice device) {
    Call call(false);
    if (call.error) return call.error;
    if (!exists(device)) return CUDA_ERROR_INVALID_DEVICE;
    *context = new CUctx_st{device, false, 1};
    contexts.push_back(*context);
    return CUDA_SUCCESS;
}

CUresult cuCtxDestroy_v2(CUcontext context) {
    Call call(false);
    if (call.error) return call.error;
    if (!context || context->primary) return CUDA_ERROR_INVALID_CONTEXT;
    contexts.erase(std::remove(contexts.begin(), contexts.end(), context), contexts.end());
    delete context;
    return leave();
}

CUresult cuCtxSetCurrent(CUcontext context) {
    Call call(false);
    if (call.error) return call.error;
    if (!contexts.empty()) contexts.pop_back();
    if (context) contexts.push_back(context);
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *context) {
    Call call(false);
    if (call.error) return call.error;
    *context = contexts.empty() ? nullptr : contexts.back();
    return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
    Call call(false);
    if (call.error) return call.error;
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    contexts.push_back(context);
    return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext *context) {
    UDML_ENTER();
    if (context) *context = contexts.back();
    contexts.pop_back();
    return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *device) {
    UDML_ENTER();
    *device = contexts.back()->device;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetApiVersion(CUcontext, unsigned *version) {
    UDML_ENTER();
    *version = 3020;  // the answer of every driver since CUDA 3.2
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize() {
    UDML_ENTER();
    if (CUresult error = unsafe_in_capture()) return error;
    return run_all();
}

// Declared in cudaProfiler.h, which the headers alone do not bring.
extern "C" CUresult cuProfilerStart() {
    UDML_ENTER();
    return CUDA_SUCCESS;
}

extern "C" CUresult cuProfilerStop() {
    UDML_ENTER();
    return CUDA_SUCCESS;
}
