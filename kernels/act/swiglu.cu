// SwiGLU. Two numbers in and one out for each exponential: bound by memory.
#include "../include/kernel.cuh"
#include "each.cuh"
#include "gate.cuh"

namespace {

using act::each_pack;

template <int N>
__device__ __forceinline__ void swiglu(float *y, const float *gate, const float *up, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> v = load<N>(gate + i), u = load<N>(up + i);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = v[e] * act::sigmoid(v[e]).value * u[e];
        store(y + i, v);
    });
}

template <int N>
__device__ __forceinline__ void swiglu_backward(float *dgate, float *dup, const float *dy, const float *gate, const float *up,
                                                long long n) {
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

KERNEL(act_swiglu, float *y, const float *gate, const float *up, long long n, int pack) { PACKED(pack, swiglu, y, gate, up, n); }

KERNEL(act_swiglu_backward, float *dgate, float *dup, const float *dy, const float *gate, const float *up, long long n, int pack) {
    PACKED(pack, swiglu_backward, dgate, dup, dy, gate, up, n);
}
