// One block updates a chunk: 4096 neighbouring elements of a parameter, or the rest of it. Networks have some dozens
// of parameters, most of them small: cut into chunks, one launch serves all, and no block has more work than another.
#pragma once
#include "../include/kernel.cuh"

namespace update {

// Chunk is an entry of the table that the host writes (chunkBytes): arrays that do not exist are null.
struct Chunk {
    float *p;
    const float *g;
    float *m, *v;
    double rate;  // of the parameter, times the learning rate of the step
    int n, unused;
};
static_assert(sizeof(Chunk) == 48, "the host writes 48 bytes");

constexpr int kChunk = 4096;  // chunkSize on the host

// chunk_of is chunk b of a parameter of n elements that is alone.
__device__ __forceinline__ Chunk chunk_of(float *p, const float *g, float *m, float *v, long long n, int b) {
    long long at = (long long)b * kChunk;
    return {p + at, g + at, m ? m + at : m, v ? v + at : v, 1.0, (int)(n - at < kChunk ? n - at : kChunk), 0};
}

__device__ __forceinline__ bool aligned(const Chunk &c) {
    return (((unsigned long long)c.p | (unsigned long long)c.g | (unsigned long long)c.m | (unsigned long long)c.v) & 15) == 0;
}

// run calls step(p, g, m, v) for each element, with references to parameter and moments. Moments is how many there are: 0,
// 1 or 2. Aligned chunks go by float4: the update is bound by memory, and a quarter of the requests moves the same bytes.
template <int Moments, typename Step>
__device__ __forceinline__ void run(const Chunk &c, Step step) {
    int done = 0;
    if (aligned(c)) {
        float4 *p4 = (float4 *)c.p, *m4 = (float4 *)c.m, *v4 = (float4 *)c.v;
        const float4 *g4 = (const float4 *)c.g;
        for (int i = threadIdx.x; i < c.n / 4; i += blockDim.x) {
            float4 p = p4[i], g = g4[i], m = {}, v = {};
            if (Moments > 0) m = m4[i];
            if (Moments > 1) v = v4[i];
            step(p.x, g.x, m.x, v.x);
            step(p.y, g.y, m.y, v.y);
            step(p.z, g.z, m.z, v.z);
            step(p.w, g.w, m.w, v.w);
            p4[i] = p;
            if (Moments > 0) m4[i] = m;
            if (Moments > 1) v4[i] = v;
        }
        done = c.n / 4 * 4;
    }
    for (int i = done + threadIdx.x; i < c.n; i += blockDim.x) {
        float m = Moments > 0 ? c.m[i] : 0.0f, v = Moments > 1 ? c.v[i] : 0.0f;
        step(c.p[i], c.g[i], m, v);
        if (Moments > 0) c.m[i] = m;
        if (Moments > 1) c.v[i] = v;
    }
}

}  // namespace update
