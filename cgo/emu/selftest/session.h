// A host program's view of the device, as short as the tests need it. Any error that a test does not expect ends it.
#pragma once
#include <cuda.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vector>

// must ends the test when a call fails.
#define must(call) must_be_done(call, #call, __FILE__, __LINE__)

inline void must_be_done(CUresult result, const char *call, const char *file, int line) {
    if (result == CUDA_SUCCESS) return;
    const char *name = nullptr;
    cuGetErrorName(result, &name);
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, call, name ? name : "an unknown error");
    exit(1);
}

// expect ends the test when a condition does not hold.
#define expect(condition)                                                               \
    do {                                                                                \
        if (!(condition)) {                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

struct Shape {
    unsigned x, y, z;
    Shape(unsigned x, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

struct Session {
    CUcontext context;
    CUmodule module;

    Session() {
        must(cuInit(0));
        CUdevice device;
        must(cuDeviceGet(&device, 0));
        must(cuDevicePrimaryCtxRetain(&context, device));
        must(cuCtxSetCurrent(context));
        must(cuModuleLoadData(&module, "any image"));
    }

    CUfunction function(const char *name) const {
        CUfunction f;
        must(cuModuleGetFunction(&f, module, name));
        return f;
    }

    // start launches a kernel; each argument lies in a slot of 8 bytes, as on the Go side.
    template <typename... A>
    CUresult start(CUstream stream, const char *name, Shape grid, Shape block, unsigned shared, A... arguments) const {
        uint64_t slots[] = {slot(arguments)...};
        void *parameters[sizeof...(A)];
        for (size_t i = 0; i < sizeof...(A); i++) parameters[i] = &slots[i];
        return cuLaunchKernel(function(name), grid.x, grid.y, grid.z, block.x, block.y, block.z, shared, stream, parameters, nullptr);
    }

    // run launches on the legacy stream and waits; it returns the outcome of the kernel.
    template <typename... A>
    CUresult run(const char *name, Shape grid, Shape block, unsigned shared, A... arguments) const {
        CUresult result = start(nullptr, name, grid, block, shared, arguments...);
        return result ? result : cuCtxSynchronize();
    }

    template <typename T>
    static uint64_t slot(T x) {
        uint64_t bits = 0;
        static_assert(sizeof x <= sizeof bits, "a slot has 8 bytes");
        memcpy(&bits, &x, sizeof x);
        return bits;
    }
};

inline CUdeviceptr allocate(size_t bytes) {
    CUdeviceptr p;
    must(cuMemAlloc(&p, bytes));
    return p;
}

template <typename T>
CUdeviceptr upload(const std::vector<T> &x) {
    CUdeviceptr p = allocate(x.size() * sizeof(T));
    must(cuMemcpyHtoD(p, x.data(), x.size() * sizeof(T)));
    return p;
}

template <typename T>
std::vector<T> download(CUdeviceptr p, size_t n) {
    std::vector<T> x(n);
    must(cuMemcpyDtoH(x.data(), p, n * sizeof(T)));
    return x;
}

inline CUstream new_stream() {
    CUstream stream;
    must(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    return stream;
}

inline CUevent new_event() {
    CUevent event;
    must(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    return event;
}

// counting is 0, 1, 2, ... changed by a step and a modulus, so that values are small, exact and not all alike.
template <typename T>
std::vector<T> counting(size_t n, int step = 1, int modulus = 1 << 30) {
    std::vector<T> x(n);
    for (size_t i = 0; i < n; i++) x[i] = static_cast<T>(static_cast<int64_t>(i) * step % modulus);
    return x;
}
