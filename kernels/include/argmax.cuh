// The position of the largest number of a row, found by a warp.
#pragma once
#include "reduce.cuh"

// warp_argmax is the first index of the largest of x[0..n-1]; NaN is less than anything, and a row of NaN alone gives 0.
// Lanes read neighbours. All 32 lanes must call; every lane gets the result.
__device__ __forceinline__ int warp_argmax(const float *x, int n) {
    int at = n;
    float best = -INFINITY;
    for (int k = threadIdx.x % 32; k < n; k += 32) {
        float v = x[k];
        if (v > best || (at == n && v == v)) best = v, at = k;
    }
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        float other = __shfl_xor_sync(kWholeWarp, best, step);
        int there = __shfl_xor_sync(kWholeWarp, at, step);
        // A lane that saw no number has at = n and -Inf: any number beats it, -Inf by its smaller index.
        if (other > best || (other == best && there < at)) best = other, at = there;
    }
    return at < n ? at : 0;
}
