// One warp a row: a row of some hundred floats is a few loads for each lane, and its sums need shuffles only, no barrier.
// A second pass over the row finds it in the L1 cache.
#pragma once
#include "pack.cuh"
#include "reduce.cuh"

__device__ __forceinline__ int lane() { return threadIdx.x % 32; }
__device__ __forceinline__ int first_row() { return blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; }
__device__ __forceinline__ int row_step() { return gridDim.x * (blockDim.x / 32); }

// row_dot is the product of two rows of the given width, of float or bfloat, in double like the CPU's; all lanes get it. Squares of floats
// neither overflow nor vanish there.
template <int N, typename T>
__device__ __forceinline__ double row_dot(const T *a, const T *b, int width) {
    double sum[N] = {};
    for (int j = lane() * N; j < width; j += 32 * N) {
        Pack<N> x = load<N>(a + j), y = load<N>(b + j);
#pragma unroll
        for (int e = 0; e < N; e++) sum[e] += static_cast<double>(x[e]) * static_cast<double>(y[e]);
    }
#pragma unroll
    for (int e = 1; e < N; e++) sum[0] += sum[e];
    return warp_sum(sum[0]);
}
