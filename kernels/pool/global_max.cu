// The maximum over whole maps, and its gradient, which looks at each pixel's place instead of scattering.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"
#include "global.cuh"

namespace {

// beats says whether value b at pixel q comes before value a at pixel p: a NaN before any number and the last NaN before all; the
// larger number, and the first of equals. It is a strict order, so that the result does not depend on who is compared first.
__device__ __forceinline__ bool beats(float b, int q, float a, int p) {
    if (b != b) return a == a || q > p;
    return a == a && (b > a || (b == a && q < p));
}

template <int N, typename T>
__device__ __forceinline__ void global_max(float *y, int *at, const T *x, int pixels, int channels, int lanes) {
    SHARED(float, values);
    int width = blockDim.x, t = threadIdx.x;
    int *places = reinterpret_cast<int *>(values + N * width);
    global_map::Spot s = global_map::spot<N>(channels, lanes);
    Pack<N> best = filled<N>(-INFINITY);
    Pack<N, int> where;
#pragma unroll
    for (int e = 0; e < N; e++) where[e] = s.first;
    if (s.any) {
        const T *from = x + static_cast<long long>(blockIdx.x) * pixels * channels + s.channel;
        for (int p = s.first; p < pixels; p += s.high) {
            Pack<N> v = load<N>(from + static_cast<long long>(p) * channels);
#pragma unroll
            for (int e = 0; e < N; e++) {
                if (beats(v[e], p, best[e], where[e])) best[e] = v[e], where[e] = p;
            }
        }
    }
#pragma unroll
    for (int e = 0; e < N; e++) values[e * width + t] = best[e], places[e * width + t] = where[e];
    global_map::tree(s, [&](int mine, int other) {
#pragma unroll
        for (int e = 0; e < N; e++) {
            int a = e * width + mine, b = e * width + other;
            if (beats(values[b], places[b], values[a], places[a])) values[a] = values[b], places[a] = places[b];
        }
    });
    if (s.first > 0 || !s.any) return;
#pragma unroll
    for (int e = 0; e < N; e++) best[e] = values[e * width + t], where[e] = places[e * width + t];
    long long to = static_cast<long long>(blockIdx.x) * channels + s.channel;
    store(y + to, best);
    store(at + to, where);
}

template <int N, typename T>
__device__ __forceinline__ void global_max_backward(T *dx, const float *dy, const int *at, int images, int pixels, int channels,
                                                    int accumulate) {
    int packs = channels / N, i = line_place(), pixel = i / packs, channel = i % packs * N;
    if (pixel >= pixels) return;
    for (int n = first_line(); n < images; n += line_step()) {
        long long from = static_cast<long long>(n) * channels + channel;
        T *to = dx + (static_cast<long long>(n) * pixels * packs + i) * N;
        Pack<N> v = load<N>(dy + from), sum = accumulate ? load<N>(to) : filled<N>(0);
        Pack<N, int> where = load<N>(at + from);
#pragma unroll
        for (int e = 0; e < N; e++) {
            if (where[e] == pixel) sum[e] += v[e];
        }
        store(to, sum);
    }
}

}  // namespace

#define POOL_GLOBAL_MAX(name, T)                                                                                \
    KERNEL_BOUNDS(256, 4, name, float *y, int *at, const T *x, int pixels, int channels, int lanes, int pack) { \
        PACKED(pack, global_max, y, at, x, pixels, channels, lanes);                                            \
    }
STORED(POOL_GLOBAL_MAX, pool_global_max)

#define POOL_GLOBAL_MAX_BACKWARD(name, T)                                                                                 \
    KERNEL(name, T *dx, const float *dy, const int *at, int images, int pixels, int channels, int accumulate, int pack) { \
        PACKED(pack, global_max_backward, dx, dy, at, images, pixels, channels, accumulate);                              \
    }
STORED(POOL_GLOBAL_MAX_BACKWARD, pool_global_max_backward)
