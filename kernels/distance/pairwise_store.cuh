// How the scores of pairwise.cu and pairwise_warpgroup.cu are written.
#pragma once
#include "../include/kernel.cuh"

struct PairwiseStore {
    float *dst;  // [n, m]
    float sign;  // -1 where scores are negated distances

    // aligned says whether two neighbouring scores of an even column can be written as one.
    __device__ __forceinline__ bool aligned(int m) const { return m % 2 == 0 && reinterpret_cast<size_t>(dst) % sizeof(float2) == 0; }

    // put writes the scores of two neighbouring columns. 0 is added because a negated 0 is -0.
    __device__ __forceinline__ void put(float *to, bool both, bool aligned, float a, float b) const {
        a = 0.0f + sign * a, b = 0.0f + sign * b;
        if (both && aligned) {
            *reinterpret_cast<float2 *>(to) = make_float2(a, b);
            return;
        }
        to[0] = a;
        if (both) to[1] = b;
    }
};
