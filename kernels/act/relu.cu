// ReLU. A choice between numbers, not fmaxf, which would turn a NaN into 0.
#include "../include/kernel.cuh"
#include "each.cuh"

namespace {

using act::each_pack;

template <int N, typename T>
__device__ __forceinline__ void relu(T *y, const T *x, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> v = load<N>(x + i);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = v[e] <= 0 ? 0.0f : v[e];
        store(y + i, v);
    });
}

template <int N, typename T>
__device__ __forceinline__ void relu_backward(T *dx, const T *dy, const T *y, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> g = load<N>(dy + i), v = load<N>(y + i);
#pragma unroll
        for (int e = 0; e < N; e++) g[e] = v[e] <= 0 ? 0.0f : g[e];
        store(dx + i, g);
    });
}

}  // namespace

#define ACT_RELU(name, T) \
    KERNEL(name, T *y, const T *x, long long n, int pack) { PACKED(pack, relu, y, x, n); }
STORED(ACT_RELU, act_relu)

#define ACT_RELU_BACKWARD(name, T) \
    KERNEL(name, T *dx, const T *dy, const T *y, long long n, int pack) { PACKED(pack, relu_backward, dx, dy, y, n); }
STORED(ACT_RELU_BACKWARD, act_relu_backward)
