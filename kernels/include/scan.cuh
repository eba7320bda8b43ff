// Prefix sums over a warp and over a block, in a fixed order. T is int, long long or double.
#pragma once
#include "reduce.cuh"

// warp_scan is the sum over this lane and those before it.
template <typename T>
__device__ __forceinline__ T warp_scan(T x) {
#pragma unroll
    for (int step = 1; step < 32; step *= 2) {
        T other = __shfl_up_sync(kWholeWarp, x, step);
        if ((int)threadIdx.x % 32 >= step) x += other;
    }
    return x;
}

// block_scan is the sum over the threads before this one; total, for every thread, that over all. All threads of a
// one-dimensional block of whole warps must call. The sum before a thread is shifted in, not subtracted: a difference of
// two rounded sums would not be the sum.
template <typename T>
__device__ __forceinline__ T block_scan(T x, T &total) {
    __shared__ T warps[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    T up = warp_scan(x);
    __syncthreads();  // a slow warp may still read the last call's values
    if (lane == 31) warps[warp] = up;
    __syncthreads();
    T sums = warp_scan(lane < (int)blockDim.x / 32 ? warps[lane] : T(0));
    total = __shfl_sync(kWholeWarp, sums, 31);
    T before = __shfl_sync(kWholeWarp, sums, warp > 0 ? warp - 1 : 0);
    T inside = __shfl_up_sync(kWholeWarp, up, 1);
    return (warp > 0 ? before : T(0)) + (lane > 0 ? inside : T(0));
}
