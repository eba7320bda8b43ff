// Kernels that are wrong on purpose, one for each thing the emulated device must find.
#include "mma.cuh"
#include "reduce.cuh"

// The barrier between writing and reading the tile is missing.
KERNEL(wrong_no_barrier, float *y) {
    __shared__ float tile[256];
    tile[threadIdx.x] = static_cast<float>(threadIdx.x);
    y[threadIdx.x] = tile[255 - threadIdx.x];
}

// The second tile is written while slow warps still read the first: only one barrier a round.
KERNEL(wrong_one_barrier, float *y, const float *x) {
    __shared__ float tile[64];
    float sum = 0;
    for (int i = 0; i < 4; i++) {
        tile[threadIdx.x] = x[i * 64 + threadIdx.x];
        __syncthreads();
        sum += tile[63 - threadIdx.x];
    }
    y[threadIdx.x] = sum;
}

// The last warp adds the other warps' values without a barrier, which is right only if it happens to run last.
KERNEL(wrong_last_warp, float *y, const float *x) {
    __shared__ float partial[4];
    float mine = warp_sum(x[threadIdx.x]);
    if (threadIdx.x % 32 == 31) partial[threadIdx.x / 32] = mine;
    if (threadIdx.x == 127) *y = partial[0] + partial[1] + partial[2] + partial[3];
}

// Lanes exchange through shared memory without __syncwarp; a shuffle is no fence.
KERNEL(wrong_no_syncwarp, float *y) {
    __shared__ float tile[32];
    tile[threadIdx.x] = 1;
    float other = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
    y[threadIdx.x] = other + tile[threadIdx.x ^ 1];
}

// A warp's __syncwarp does not synchronise it with the other warp.
KERNEL(wrong_syncwarp_between_warps, float *y) {
    __shared__ float tile[64];
    tile[threadIdx.x] = 1;
    __syncwarp();
    y[threadIdx.x] = tile[threadIdx.x ^ 32];
}

// Blocks overlap by one element.
KERNEL(wrong_overlap, float *y) { y[blockIdx.x * (blockDim.x - 1) + threadIdx.x] = 1; }

// A block reads its neighbour's writes in the same launch.
KERNEL(wrong_neighbour, float *y) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    y[i] += 1;
    if (i + blockDim.x < gridDim.x * blockDim.x) y[i] += y[i + blockDim.x];
}

// The last block to count reads the others' writes, but no block has used a fence.
KERNEL(wrong_no_fence, float *y, unsigned *count) {
    y[blockIdx.x] = 1;
    if (atomicAdd(count, 1u) < gridDim.x - 1) return;
    float sum = 0;
    for (unsigned i = 0; i < gridDim.x; i++) sum += y[i];
    y[0] = sum;
}

KERNEL(wrong_trap, float *y) {
    if (threadIdx.x == 3) __trap();
    y[threadIdx.x] = 1;
}

KERNEL(wrong_global_write, float *y, int n) { y[threadIdx.x] = static_cast<float>(n); }
KERNEL(wrong_global_read, float *y, const float *x) { y[threadIdx.x] = x[threadIdx.x + 1]; }

KERNEL(wrong_dynamic_shared, float *y) {
    SHARED(float, tile);
    tile[threadIdx.x + 1] = 1;
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x + 1];
}

KERNEL(wrong_static_shared, float *y, int at) {
    __shared__ float tile[8][4];
    if (threadIdx.x < 4)
        for (int i = 0; i < 8; i++) tile[i][threadIdx.x] = 1;
    __syncthreads();
    y[threadIdx.x] = tile[at][0];
}

KERNEL(wrong_alignment, float *y, const float *x, int offset) {
    *reinterpret_cast<float4 *>(y) = *reinterpret_cast<const float4 *>(x + offset);
}

KERNEL(wrong_divergent_barrier, float *y) {
    if (threadIdx.x < 32) {
        __syncthreads();
        y[threadIdx.x] = 1;
    } else {
        __syncthreads();
        y[threadIdx.x] = 2;
    }
}

// Half the warp waits in a barrier, the other half for the whole warp.
KERNEL(wrong_deadlock, int *y) {
    if (threadIdx.x < 16) __syncthreads();
    else y[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
}

KERNEL(wrong_mask, int *y) {
    if (threadIdx.x >= 8) y[threadIdx.x] = __shfl_sync(0xffu, 1, 0);
}

KERNEL(wrong_part_of_warp, float *y) {
    uint32_t a[4] = {}, b[2] = {};
    float d[4] = {};
    mma_f16(d, a, b);
    y[threadIdx.x] = d[0];
}

// The copy is committed but not waited for.
KERNEL(wrong_no_copy_wait, float *y, const float *x) {
    __shared__ __align__(16) float tile[128];
    cp_async16(tile + threadIdx.x * 4, x + threadIdx.x * 4, true);
    cp_async_commit();
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x * 4];
}

// Waited for, but only by the thread that copied: the others need the barrier.
KERNEL(wrong_copy_no_barrier, float *y, const float *x) {
    __shared__ __align__(16) float tile[128];
    cp_async16(tile + threadIdx.x * 4, x + threadIdx.x * 4, true);
    cp_async_commit();
    cp_async_wait<0>();
    y[threadIdx.x] = tile[(threadIdx.x ^ 1) * 4];
}

KERNEL(wrong_copy_alignment, float *y, const float *x) {
    __shared__ __align__(16) float tile[128];
    cp_async16(tile + threadIdx.x * 4, x + 1, true);
    cp_async_commit();
    cp_async_wait<0>();
    y[threadIdx.x] = tile[threadIdx.x * 4];
}

// Reads shared memory that it never wrote; the result must be NaN, not a value of an earlier block.
KERNEL(wrong_unwritten_shared, float *y) {
    __shared__ float tile[32];
    SHARED(float, more);
    if (blockIdx.x % 2 == 0) tile[threadIdx.x] = more[threadIdx.x] = 1;
    __syncthreads();
    y[blockIdx.x * 32 + threadIdx.x] = tile[threadIdx.x] + more[threadIdx.x];
}

KERNEL_BOUNDS(64, 1, wrong_bound, float *y) { y[threadIdx.x] = 1; }
KERNEL(wrong_pointer, float *y) { y[threadIdx.x] = 1; }
