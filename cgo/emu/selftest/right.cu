// Kernels that are right, each with a result that the host can compute on its own.
#include "mma.cuh"
#include "reduce.cuh"

KERNEL(right_sum, float *sum, const float *x, int n) {
    float mine = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) mine += x[blockIdx.x * n + i];
    mine = block_sum(mine);
    if (threadIdx.x == 0) sum[blockIdx.x] = mine;
}

KERNEL(right_extremes, double *least, int *most, const int *x, int n) {
    int top = INT_MIN;
    double bottom = INFINITY;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        top = max(top, x[i]);
        bottom = min(bottom, static_cast<double>(x[i]));
    }
    top = block_max(top, INT_MIN);
    bottom = block_reduce(bottom, Min(), static_cast<double>(INFINITY));
    if (threadIdx.x == 0) *most = top, *least = bottom;
}

// 32 x 32 tiles by 32 x 8 threads; the 33rd column keeps a column's words in different banks.
KERNEL_BOUNDS(256, 2, right_transpose, float *y, const float *x, int rows, int columns) {
    __shared__ float tile[32][33];
    int left = blockIdx.x * 32, top = blockIdx.y * 32;
    for (int i = threadIdx.y; i < 32; i += 8)
        if (top + i < rows && left + static_cast<int>(threadIdx.x) < columns)
            tile[i][threadIdx.x] = x[(top + i) * columns + left + threadIdx.x];
    __syncthreads();
    for (int i = threadIdx.y; i < 32; i += 8)
        if (left + i < columns && top + static_cast<int>(threadIdx.x) < rows)
            y[(left + i) * rows + top + threadIdx.x] = tile[threadIdx.x][i];
}

// Each of 12 results of a lane is one shuffle, vote or reduction; the host computes the same.
KERNEL(right_warp, int *y, const int *x) {
    int lane = threadIdx.x, v = x[lane];
    const unsigned all = 0xffffffffu;
    int *out = y + lane * 12;
    out[0] = __shfl_sync(all, v, (lane + 5) % 32);
    out[1] = __shfl_up_sync(all, v, 3);
    out[2] = __shfl_down_sync(all, v, 3);
    out[3] = __shfl_xor_sync(all, v, 17);
    out[4] = __shfl_sync(all, v, 1, 8);
    out[5] = static_cast<int>(__ballot_sync(all, v & 1));
    out[6] = __any_sync(all, v == 31) + 2 * __all_sync(all, v >= 0);
    out[7] = __reduce_add_sync(all, v);
    out[8] = __reduce_max_sync(all, -v);
    out[9] = static_cast<int>(__shfl_down_sync(all, v * 1.5, 1, 16) * 2);
    out[10] = static_cast<int>(__shfl_xor_sync(all, static_cast<long long>(v) << 40, 1) >> 40);
    if (lane < 16) out[11] = static_cast<int>(__reduce_or_sync(0xffffu, 1u << v % 32));
    else out[11] = __popc(__ballot_sync(0xffff0000u, lane % 2));
}

KERNEL(right_votes, int *y, int n) {
    int i = threadIdx.x;
    if (i >= n) return;
    y[i * 3] = __syncthreads_count(i % 3 == 0);
    y[i * 3 + 1] = __syncthreads_or(i == n - 1);
    y[i * 3 + 2] = __syncthreads_and(i < n - 1);
}

KERNEL(right_histogram, int *bins, unsigned *largest, unsigned long long *total, const unsigned *x, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    atomicAdd(&bins[x[i] % 16], 1);
    atomicMax(largest, x[i]);
    atomicAdd(total, static_cast<unsigned long long>(x[i]) << 16);
}

// The last block to finish adds the others' sums: fence, count, then read.
KERNEL(right_last_block, float *total, float *partial, unsigned *count, const float *x) {
    float mine = block_sum(x[blockIdx.x * blockDim.x + threadIdx.x]);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = mine;
        __threadfence();
    }
    bool last = __syncthreads_or(threadIdx.x == 0 && atomicAdd(count, 1u) == gridDim.x - 1);
    if (!last || threadIdx.x != 0) return;
    float sum = 0;
    for (unsigned i = 0; i < gridDim.x; i++) sum += partial[i];
    *total = sum;
}

// A parameter of each type, for the driver's answer about types.
KERNEL(right_types, const uint8_t *, const void *, float4 *, unsigned long long *, int, unsigned, long long, uint64_t, float, double) {}
