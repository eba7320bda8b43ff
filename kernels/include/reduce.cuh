// Reductions over a warp and over a block, always in the same tree, so that a result is the same bits in every run.
//
// All threads of the warp or block must call. A block is one-dimensional and whole warps (blockDim.x % 32 == 0).
// T is float, double, int, unsigned or long long.
#pragma once
#include "kernel.cuh"

constexpr unsigned kWholeWarp = 0xffffffffu;

struct Sum {
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a + b;
    }
};

// Max carries a NaN on, unlike fmaxf: a damaged value must not vanish in a maximum.
struct Max {
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a > b || a != a ? a : b;
    }
};

struct Min {
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a < b || a != a ? a : b;
    }
};

// warp_reduce combines the 32 lanes' values; every lane gets the result, from the butterfly itself, without a second
// pass to broadcast it. The lower lane's value is always the left operand: so all lanes compute the same bits even
// where op(a, b) and op(b, a) differ (the zeros of a maximum, the ties of an argmax).
template <typename T, typename Op>
__device__ __forceinline__ T warp_reduce(T x, Op op) {
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        T other = __shfl_xor_sync(kWholeWarp, x, step);
        x = threadIdx.x & step ? op(other, x) : op(x, other);
    }
    return x;
}

template <typename T>
__device__ __forceinline__ T warp_sum(T x) {
    return warp_reduce(x, Sum());
}
template <typename T>
__device__ __forceinline__ T warp_max(T x) {
    return warp_reduce(x, Max());
}

// block_reduce combines the values of all threads; every thread gets the result. `none` is op's neutral element.
// One value a warp passes through shared memory. The barrier in front lets a kernel call it twice: without it a fast
// warp would overwrite partial results that a slow one still reads.
template <typename T, typename Op>
__device__ __forceinline__ T block_reduce(T x, Op op, T none) {
    __shared__ T partial[32];
    x = warp_reduce(x, op);
    __syncthreads();
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = x;
    __syncthreads();
    x = threadIdx.x % 32 < blockDim.x / 32 ? partial[threadIdx.x % 32] : none;
    return warp_reduce(x, op);
}

template <typename T>
__device__ __forceinline__ T block_sum(T x) {
    return block_reduce(x, Sum(), T(0));
}

// block_max takes the least value of T, as the caller knows it (-INFINITY, INT_MIN), for the lanes without a warp.
template <typename T>
__device__ __forceinline__ T block_max(T x, T least) {
    return block_reduce(x, Max(), least);
}
