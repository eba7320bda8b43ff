// The sigmoid. expf and the division are the accurate ones, a few units of the last place; memory is slower than both.
#include "../include/kernel.cuh"
#include "each.cuh"

namespace {

using act::each_pack;

// exp(-x) may overflow to infinity: the quotient is then the right 0.
template <int N>
__device__ __forceinline__ void sigmoid(float *y, const float *x, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> v = load<N>(x + i);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = 1.0f / (1.0f + expf(-v[e]));
        store(y + i, v);
    });
}

template <int N>
__device__ __forceinline__ void sigmoid_backward(float *dx, const float *dy, const float *y, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> g = load<N>(dy + i), v = load<N>(y + i);
#pragma unroll
        for (int e = 0; e < N; e++) g[e] = g[e] * v[e] * (1.0f - v[e]);
        store(dx + i, g);
    });
}

}  // namespace

KERNEL(act_sigmoid, float *y, const float *x, long long n, int pack) { PACKED(pack, sigmoid, y, x, n); }

KERNEL(act_sigmoid_backward, float *dx, const float *dy, const float *y, long long n, int pack) {
    PACKED(pack, sigmoid_backward, dx, dy, y, n);
}
