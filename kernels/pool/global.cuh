// How a block lies over one image for what is computed over the whole map: up to 256 packs of channels; its threads lie flat over
// pixels and packs, as the map does in memory, take every high-th pixel each, and join through shared memory in a fixed tree.
#pragma once
#include "../include/kernel.cuh"
#include "../include/pack.cuh"

namespace global_map {

constexpr int threadsAtMost = 256;

// Spot is what a thread does of a block's image.
struct Spot {
    int first, high;    // pixels first, first + high, ...
    int lanes, channel; // packs of the block, and the first channel of the thread's pack
    bool any;           // false for threads past the last channel
};

template <int N>
__device__ __forceinline__ Spot spot(int channels, int lanes) {
    int channel = (blockIdx.y * lanes + threadIdx.x % lanes) * N;
    return {static_cast<int>(threadIdx.x) / lanes, static_cast<int>(blockDim.x) / lanes, lanes, channel, channel < channels};
}

// tree calls join(mine, other) for the places in shared memory of pairs of threads with the same channels, until the threads of
// first == 0 hold what all of them have. All threads must call.
template <typename Join>
__device__ __forceinline__ void tree(const Spot &s, Join join) {
    for (int step = threadsAtMost / 2; step > 0; step /= 2) {
        if (step >= s.high) continue;
        __syncthreads();
        if (s.first >= step || s.first + step >= s.high) continue;
        join(static_cast<int>(threadIdx.x), static_cast<int>(threadIdx.x) + step * s.lanes);
    }
}

// sums adds up each(pixel) over the map of a block's image; the threads of first == 0 get the sums.
template <int N, typename T, typename Each>
__device__ __forceinline__ Pack<N> sums(const Spot &s, const T *x, int pixels, int channels, Each each) {
    SHARED(float, room);
    Pack<N> sum = filled<N>(0);
    if (s.any) {
        const T *from = x + static_cast<long long>(blockIdx.x) * pixels * channels + s.channel;
#pragma unroll 4
        for (int p = s.first; p < pixels; p += s.high) {
            Pack<N> v = load<N>(from + static_cast<long long>(p) * channels);
#pragma unroll
            for (int e = 0; e < N; e++) sum[e] += each(v[e]);
        }
    }
    int width = blockDim.x;
#pragma unroll
    for (int e = 0; e < N; e++) room[e * width + threadIdx.x] = sum[e];
    tree(s, [&](int mine, int other) {
#pragma unroll
        for (int e = 0; e < N; e++) room[e * width + mine] += room[e * width + other];
    });
#pragma unroll
    for (int e = 0; e < N; e++) sum[e] = room[e * width + threadIdx.x];
    return sum;
}

}  // namespace global_map
