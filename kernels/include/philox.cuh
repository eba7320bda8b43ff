// Philox 4x32-10 and the keys of package rng: the same words as on the host, from integer arithmetic alone.
//
// A number is a function of its key and its element, so a thread needs no state and no neighbour: any thread may draw any
// number, and the grid may have any shape. Ten rounds are about 60 integer instructions for four words.
#pragma once
#include "kernel.cuh"

// RandomKey is rng.Key: the purpose that numbers are drawn for. The values of op are those of rng.Op.
struct RandomKey {
    unsigned long long seed;
    unsigned epoch, sample, op, view;
};

// One round is two products of 32 by 32 bits; high and low halves change places.
__device__ __forceinline__ uint4 philox_round(uint4 c, unsigned key0, unsigned key1) {
    const unsigned m0 = 0xD2511F53u, m1 = 0xCD9E8D57u;
    return make_uint4(__umulhi(m1, c.z) ^ c.y ^ key0, m1 * c.z, __umulhi(m0, c.x) ^ c.w ^ key1, m0 * c.x);
}

// philox is rng.Philox4x32: four words of a 128-bit counter under a 64-bit key.
__device__ __forceinline__ uint4 philox(uint4 counter, unsigned key0, unsigned key1) {
#pragma unroll
    for (int round = 0; round < 10; ++round) {
        counter = philox_round(counter, key0, key1);
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

// random_at is rng.Key.At: four words, number `element` of those that belong to the key.
__device__ __forceinline__ uint4 random_at(RandomKey k, unsigned element) {
    return philox(make_uint4(element, k.sample, k.epoch, k.op << 16 | (k.view & 0xffffu)), (unsigned)k.seed,
                  (unsigned)(k.seed >> 32));
}

// random_word is word j of four: a select, where an indexed array would go to memory.
__device__ __forceinline__ unsigned random_word(uint4 w, int j) {
    return j == 0 ? w.x : j == 1 ? w.y : j == 2 ? w.z : w.w;
}

// random_uniform is rng.Uniform: [0,1), exact in float.
__device__ __forceinline__ float random_uniform(unsigned w) { return (float)(w >> 8) * (1.0f / (1 << 24)); }

// random_below is rng.Below: 0..n-1.
__device__ __forceinline__ int random_below(unsigned w, int n) {
    return (int)__umulhi(w, (unsigned)n);
}
