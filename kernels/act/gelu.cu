// GELU in its three kinds. expf, erfcf and the division are the accurate ones; memory is slower than they are.
#include "../include/kernel.cuh"
#include "each.cuh"
#include "gate.cuh"

namespace {

using act::each_pack;
using act::Gate;

// The kinds, as in the Go package.
enum { kErf, kTanh, kQuick };

// gelu_gate is the factor of x and its derivative.
template <int KIND>
__device__ __forceinline__ Gate gelu_gate(float x) {
    float v = act::within(x);
    if constexpr (KIND == kErf) return {0.5f * erfcf(-0.707106781f * x), 0.398942280f * expf(-0.5f * v * v)};
    Gate g = act::sigmoid(KIND == kTanh ? v * fmaf(0.0713548163f * v, v, 1.59576912f) : 1.702f * v);
    g.slope *= KIND == kTanh ? fmaf(0.214064449f * v, v, 1.59576912f) : 1.702f;
    return g;
}

template <int N, int KIND, typename T>
__device__ __forceinline__ void gelu_of(T *y, const T *x, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> v = load<N>(x + i);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] *= gelu_gate<KIND>(v[e]).value;
        store(y + i, v);
    });
}

template <int N, typename T>
__device__ __forceinline__ void gelu(T *y, const T *x, long long n, int kind) {
    if (kind == kErf) gelu_of<N, kErf>(y, x, n);
    else if (kind == kTanh) gelu_of<N, kTanh>(y, x, n);
    else gelu_of<N, kQuick>(y, x, n);
}

template <int N, int KIND, typename T>
__device__ __forceinline__ void gelu_backward_of(T *dx, const T *dy, const T *x, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> g = load<N>(dy + i), v = load<N>(x + i);
#pragma unroll
        for (int e = 0; e < N; e++) {
            Gate f = gelu_gate<KIND>(v[e]);
            g[e] *= fmaf(act::within(v[e]), f.slope, f.value);
        }
        store(dx + i, g);
    });
}

template <int N, typename T>
__device__ __forceinline__ void gelu_backward(T *dx, const T *dy, const T *x, long long n, int kind) {
    if (kind == kErf) gelu_backward_of<N, kErf>(dx, dy, x, n);
    else if (kind == kTanh) gelu_backward_of<N, kTanh>(dx, dy, x, n);
    else gelu_backward_of<N, kQuick>(dx, dy, x, n);
}

}  // namespace

#define ACT_GELU(name, T) \
    KERNEL(name, T *y, const T *x, long long n, int kind, int pack) { PACKED(pack, gelu, y, x, n, kind); }
STORED(ACT_GELU, act_gelu)

#define ACT_GELU_BACKWARD(name, T)                                                             \
    KERNEL(name, T *dx, const T *dy, const T *x, long long n, int kind, int pack) {            \
        PACKED(pack, gelu_backward, dx, dy, x, n, kind);                                       \
    }
STORED(ACT_GELU_BACKWARD, act_gelu_backward)
