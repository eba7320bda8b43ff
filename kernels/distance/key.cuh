// A score and its column as one integer that orders as the searches do: larger scores first, equal ones by the
// smaller column. All keys of a row differ, so that their order, and with it every result, is the same however they
// were found.
#pragma once
#include "../include/kernel.cuh"

typedef unsigned long long ScoreKey;  // 0 is no key: that of the least score is larger

// Negative numbers have their order reversed by flipping all bits; adding 0 makes -0 and 0 equal.
__device__ __forceinline__ ScoreKey make_key(float score, int col) {
    uint32_t bits = __float_as_uint(score + 0.0f);
    bits = bits >> 31 ? ~bits : bits | 0x80000000u;
    return static_cast<ScoreKey>(bits) << 32 | ~static_cast<uint32_t>(col);
}

__device__ __forceinline__ float key_score(ScoreKey key) {
    uint32_t bits = static_cast<uint32_t>(key >> 32);
    return __uint_as_float(bits >> 31 ? bits & 0x7fffffffu : ~bits);
}

__device__ __forceinline__ int key_col(ScoreKey key) { return static_cast<int>(~static_cast<uint32_t>(key)); }

// score_below is the largest number less than x, which is one and above -Inf.
__device__ __forceinline__ float score_below(float x) {
    uint32_t bits = __float_as_uint(x);
    return x == 0 ? __uint_as_float(0x80000001u) : __uint_as_float(bits >> 31 ? bits + 1 : bits - 1);
}

// score_above is the least float above x; NaN above infinity, so that nothing more passes that bar.
__device__ __forceinline__ float score_above(float x) {
    uint32_t bits = __float_as_uint(x + 0.0f);
    return __uint_as_float(bits >> 31 ? bits - 1 : bits + 1);
}
