// Shared by the stand-ins for NVIDIA's libraries: their work waits in the stream, as a library's kernels do, and reads
// and writes the emulated device's memory, which is host memory.
#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <deque>
#include <functional>
#include <mutex>

#define STAND_IN extern "C" __attribute__((visibility("default")))

// number is an environment variable's value, with which a test makes a fault.
inline long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtol(text, nullptr, 10) : otherwise;
}

// launch_host is cuLaunchHostFunc of the driver that the program has open already; null when it has none.
using LaunchHost = int (*)(void *stream, void (*function)(void *), void *argument);

inline LaunchHost launch_host() {
    const char *named = getenv("UDML_LIBCUDA");
    void *driver = dlopen(named && *named ? named : "libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    return driver ? reinterpret_cast<LaunchHost>(dlsym(driver, "cuLaunchHostFunc")) : nullptr;
}

// enqueue puts work into a stream; false when the driver refuses. Work is kept for ever, because a captured stream may
// run it again at any time.
inline bool enqueue(void *stream, std::function<void()> work) {
    static LaunchHost launch = launch_host();
    static std::mutex lock;
    static auto &kept = *new std::deque<std::function<void()>>;
    if (!launch) return false;
    std::lock_guard<std::mutex> held(lock);
    kept.push_back(std::move(work));
    return launch(stream, [](void *f) { (*static_cast<std::function<void()> *>(f))(); }, &kept.back()) == 0;
}

// scribble fills a workspace, so that memory which is not there is noticed by the guards around the rest.
inline void scribble(void *workspace, size_t bytes) { memset(workspace, 0x5a, bytes); }

inline bool aligned(const void *p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

// make and destroy are the library's functions for handles and descriptors. Success is 0 in all of the libraries.
template <typename T>
int make(void **out) {
    *out = new T();
    return 0;
}

template <typename T>
int destroy(void *p) {
    delete static_cast<T *>(p);
    return 0;
}

// Numbers are the elements of a matrix or tensor: float, or bfloat16.
struct Numbers {
    void *at;
    bool brain;

    double get(size_t i) const {
        if (!brain) return static_cast<float *>(at)[i];
        uint32_t bits = uint32_t(static_cast<uint16_t *>(at)[i]) << 16;
        float v;
        memcpy(&v, &bits, sizeof v);
        return v;
    }
    // set rounds to the nearest, ties to even.
    void set(size_t i, float v) const {
        if (!brain) {
            static_cast<float *>(at)[i] = v;
            return;
        }
        uint32_t bits;
        memcpy(&bits, &v, sizeof bits);
        static_cast<uint16_t *>(at)[i] = uint16_t(v != v ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
};
