// Sums of columns, for the rooms whose gradients of a bias are such sums.
//
// Bound by memory. A block takes `width` neighbouring columns, a power of two up to a warp, so that a row's loads are
// whole cache lines, or, where rows are shorter than that, several rows are. Its threads take every (256/width)-th row of
// the block's chunk of rows and meet in shared memory in a fixed tree; chunks are added in order by another kernel. So
// the sum is the same bits in every run, and no chunk is longer than a few hundred terms a thread.
#pragma once
#include "../include/bfloat.cuh"

namespace column_sums {

constexpr int kThreads = 256;

// sums[blockIdx.y][col] of rows [blockIdx.y * chunk, ...). take(i) is element i of the row-major matrix [rows, cols].
template <typename Take>
__device__ __forceinline__ void sum_chunk(float *sums, long long rows, int cols, int width, long long chunk, Take take) {
    __shared__ float partial[kThreads];
    int thread = threadIdx.x, col = blockIdx.x * width + thread % width, lanes = kThreads / width;
    long long first = blockIdx.y * chunk, end = first + chunk < rows ? first + chunk : rows;
    float sum = 0;
    if (col < cols) {
        for (long long row = first + thread / width; row < end; row += lanes) sum += take(row * cols + col);
    }
    partial[thread] = sum;
    __syncthreads();
    for (int step = kThreads / 2; step >= width; step /= 2) {
        if (thread < step) partial[thread] += partial[thread + step];
        __syncthreads();
    }
    if (thread < width && col < cols) sums[(long long)blockIdx.y * cols + col] = partial[thread];
}

}  // namespace column_sums
