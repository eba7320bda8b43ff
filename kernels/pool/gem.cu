// Generalised means over whole maps, and their gradient.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"
#include "global.cuh"

namespace {

// raised is v^power for v >= least > 0. Every use so far has power 3: two products take a fraction of a power's time.
__device__ __forceinline__ float raised(float v, float power) {
    if (power == 3) return v * v * v;
    return powf(v, power);
}

__device__ __forceinline__ float root(float v, float power) {
    if (power == 3) return cbrtf(v);
    return powf(v, 1 / power);
}

// ratio is (v/mean)^(power-1).
__device__ __forceinline__ float ratio(float v, float mean, float power) {
    float r = v / mean;
    if (power == 3) return r * r;
    return powf(r, power - 1);
}

// at_least passes NaN on, as fmaxf does not.
__device__ __forceinline__ float at_least(float v, float least) { return v < least ? least : v; }

template <int N, typename T>
__device__ __forceinline__ void gem(float *y, const T *x, int pixels, int channels, float power, float least, int lanes) {
    global_map::Spot s = global_map::spot<N>(channels, lanes);
    Pack<N> sum = global_map::sums<N>(s, x, pixels, channels, [=](float v) { return raised(at_least(v, least), power); });
    if (s.first > 0 || !s.any) return;
#pragma unroll
    for (int e = 0; e < N; e++) sum[e] = root(sum[e] / static_cast<float>(pixels), power);
    store(y + static_cast<long long>(blockIdx.x) * channels + s.channel, sum);
}

template <int N, typename T>
__device__ __forceinline__ void gem_backward(T *dx, const float *dy, const T *x, const float *y, int images, int pixels, int channels,
                                             float power, float least, int accumulate) {
    int packs = channels / N, i = line_place();
    if (i >= pixels * packs) return;
    for (int n = first_line(); n < images; n += line_step()) {
        long long from = static_cast<long long>(n) * channels + i % packs * N, to = (static_cast<long long>(n) * pixels * packs + i) * N;
        Pack<N> share = load<N>(dy + from), mean = load<N>(y + from), v = load<N>(x + to);
        Pack<N> sum = accumulate ? load<N>(dx + to) : filled<N>(0);
#pragma unroll
        for (int e = 0; e < N; e++) {
            if (v[e] >= least) sum[e] += share[e] / static_cast<float>(pixels) * ratio(v[e], mean[e], power);
        }
        store(dx + to, sum);
    }
}

}  // namespace

#define POOL_GEM(name, T)                                                                                                        \
    KERNEL_BOUNDS(256, 4, name, float *y, const T *x, int pixels, int channels, float power, float least, int lanes, int pack) { \
        PACKED(pack, gem, y, x, pixels, channels, power, least, lanes);                                                          \
    }
STORED(POOL_GEM, pool_gem)

#define POOL_GEM_BACKWARD(name, T)                                                                                                   \
    KERNEL(name, T *dx, const float *dy, const T *x, const float *y, int images, int pixels, int channels, float power, float least, \
           int accumulate, int pack) {                                                                                               \
        PACKED(pack, gem_backward, dx, dy, x, y, images, pixels, channels, power, least, accumulate);                                \
    }
STORED(POOL_GEM_BACKWARD, pool_gem_backward)
