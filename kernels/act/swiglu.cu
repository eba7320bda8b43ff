// SwiGLU. Two numbers in and one out for each exponential: bound by memory.
#include "../include/kernel.cuh"
#include "each.cuh"
#include "gate.cuh"

namespace {

using act::each_pack;

template <int N, typename T>
__device__ __forceinline__ void swiglu(T *y, const T *gate, const T *up, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> v = load<N>(gate + i), u = load<N>(up + i);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = v[e] * act::sigmoid(v[e]).value * u[e];
        store(y + i, v);
    });
}

template <int N, typename T>
__device__ __forceinline__ void swiglu_backward(T *dgate, T *dup, const T *dy, const T *gate, const T *up, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> d = load<N>(dy + i), v = load<N>(gate + i), u = load<N>(up + i);
#pragma unroll
        for (int e = 0; e < N; e++) {
            act::Gate g = act::sigmoid(v[e]);
            u[e] = d[e] * u[e] * fmaf(act::within(v[e]), g.slope, g.value);
            d[e] *= v[e] * g.value;
        }
        store(dgate + i, u);
        store(dup + i, d);
    });
}

}  // namespace

#define ACT_SWIGLU(name, T) \
    KERNEL(name, T *y, const T *gate, const T *up, long long n, int pack) { PACKED(pack, swiglu, y, gate, up, n); }
STORED(ACT_SWIGLU, act_swiglu)

#define ACT_SWIGLU_BACKWARD(name, T)                                                                              \
    KERNEL(name, T *dgate, T *dup, const T *dy, const T *gate, const T *up, long long n, int pack) {              \
        PACKED(pack, swiglu_backward, dgate, dup, dy, gate, up, n);                                               \
    }
STORED(ACT_SWIGLU_BACKWARD, act_swiglu_backward)
