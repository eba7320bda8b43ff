// Sums of columns, for the rooms whose gradients of a bias are such sums.
//
// Bound by memory. A block takes `width` neighbouring columns, a power of two up to a warp, so that a row's loads are
// whole cache lines, or, where rows are shorter than that, several rows are. Its threads, each of a pack of N columns, take every
// (256/width)-th row of the block's chunk of rows and meet in shared memory in a fixed tree; chunks are added in order by another
// kernel. So the sum is the same bits in every run and for every N, and no chunk is longer than a few hundred terms a thread.
#pragma once
#include "../include/pack.cuh"

namespace column_sums {

constexpr int kThreads = 256;  // of a block, where N is 1

// pack_of is the launcher's pack (gemm.SumsOf) for bfloat; for float it is known to be 1, so that a body for 4 is not compiled.
template <typename T>
__device__ __forceinline__ int pack_of(int pack) {
    return sizeof(T) < sizeof(float) ? pack : 1;
}

template <int N>
__device__ __forceinline__ void add(Pack<N> &sum, const Pack<N> &more) {
#pragma unroll
    for (int j = 0; j < N; j++) sum[j] += more[j];
}

template <int COUNT, int N, typename Take>
__device__ __forceinline__ void add_rows(Pack<N> &sum, long long i, long long step, Take take) {
    Pack<N> rows[COUNT];
    take(rows, i, step);
#pragma unroll
    for (int k = 0; k < COUNT; k++) add(sum, rows[k]);
}

// sums[blockIdx.y][col] of rows [blockIdx.y * chunk, ...). take(packs, i, step) fills an array of packs, which begin with the elements
// i, i + step, ... of the row-major matrix [rows, cols]. AHEAD rows are asked for at a time, so that as many loads are under way.
template <int N, int AHEAD, typename Take>
__device__ __forceinline__ void sum_chunk(float *sums, long long rows, int cols, int width, long long chunk, Take take) {
    __shared__ Pack<N> partial[kThreads / N];
    int thread = threadIdx.x, packs = width / N, col = blockIdx.x * width + thread % packs * N;
    int row = thread / packs, lanes = kThreads / width, wide = AHEAD * lanes;
    long long first = blockIdx.y * chunk, i = (first + row) * cols + col, step = (long long)lanes * cols;
    int left = (int)(first + chunk < rows ? chunk : rows - first) - row;  // rows from the thread's on
    Pack<N> sum = filled<N>(0);
    if (col < cols) {
        for (; left > wide - lanes; left -= wide, i += AHEAD * step) add_rows<AHEAD>(sum, i, step, take);
#pragma unroll 1
        for (; left > 0; left -= lanes, i += step) add_rows<1>(sum, i, step, take);
    }
    partial[thread] = sum;
    __syncthreads();
    for (int half = kThreads / N / 2; half >= packs; half /= 2) {
        if (thread < half) add(partial[thread], partial[thread + half]);
        __syncthreads();
    }
    if (thread >= packs || col >= cols) return;
    float *to = sums + ((long long)blockIdx.y * cols + col);  // of any address, so not a store of a pack
#pragma unroll
    for (int j = 0; j < N; j++) to[j] = partial[thread][j];
}

}  // namespace column_sums
