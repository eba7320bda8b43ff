// bfloat16 as it lies in memory: what bf16 training stores of activations and their gradients. Kernels compute with it in float: they read
// it exactly, and round what they write to the nearest, ties to even.
#pragma once
#include "kernel.cuh"

struct bfloat {
    uint16_t bits;

    __device__ __forceinline__ operator float() const { return __uint_as_float(static_cast<unsigned>(bits) << 16); }
    __device__ __forceinline__ bfloat &operator=(float v) {
#ifdef __CUDACC__
        asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(v));
#else
        unsigned b = __float_as_uint(v);
        bits = (b & 0x7fffffffu) > 0x7f800000u ? 0x7fff : (b + 0x7fffu + (b >> 16 & 1u)) >> 16;
#endif
        return *this;
    }
};

// two_bfloats are the bits of the nearest to both, lo in the low half, as they lie in memory.
__device__ __forceinline__ unsigned two_bfloats(float lo, float hi) {
#ifdef __CUDACC__
    unsigned bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(hi), "f"(lo));
    return bits;
#else
    bfloat first, second;
    first = lo, second = hi;
    return first.bits | static_cast<unsigned>(second.bits) << 16;
#endif
}

// STORED makes two kernels of one definition: NAME for maps of float, and NAME_b16 for maps of bfloat.
#define STORED(make, name) \
    make(name, float)      \
    make(name##_b16, bfloat)
