// Averages over windows and over whole maps, and their gradients. The gradients gather: each pixel adds up its windows in
// one order, and no two threads add to one number.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "global.cuh"
#include "windows.cuh"

namespace {

using namespace window;

// area is the pixels of a window that lie in the map or its padding.
__device__ __forceinline__ float area(const Windows &g, int oy, int ox) {
    int rows = min(g.kernel, g.h + 2 * g.pad - oy * g.stride), cols = min(g.kernel, g.w + 2 * g.pad - ox * g.stride);
    return static_cast<float>(rows * cols);
}

template <int N>
__device__ __forceinline__ void add(Pack<N> &sum, const Pack<N> &v) {
#pragma unroll
    for (int e = 0; e < N; e++) sum[e] += v[e];
}

template <int N>
__device__ __forceinline__ Pack<N> over(Pack<N> v, float by) {
#pragma unroll
    for (int e = 0; e < N; e++) v[e] /= by;
    return v;
}

template <int N, typename T>
__device__ __forceinline__ void average(T *y, const T *x, const Windows &g) {
    Place p = place<N>(g, g.ow);
    if (!p.any) return;
    Range cols = g.window(p.pixel, g.w);
    for (int line = first_line(); line < g.n * g.oh; line += line_step()) {
        int oy = line % g.oh;
        Range rows = g.window(oy, g.h);
        Pack<N> sum = filled<N>(0);
        for (int r = rows.lo; r < rows.hi; r++) {
            const T *from = x + g.at(line / g.oh, r, g.h, cols.lo, g.w) + p.channel;
            for (int q = cols.lo; q < cols.hi; q++, from += g.c) add(sum, load<N>(from));
        }
        store(y + g.at(0, line, 0, p.pixel, g.ow) + p.channel, over(sum, area(g, oy, p.pixel)));
    }
}

template <int N, typename T>
__device__ __forceinline__ void average_backward(T *dx, const T *dy, const Windows &g) {
    Place p = place<N>(g, g.w);
    if (!p.any) return;
    Range cols = g.holding(p.pixel, g.ow);
    for (int line = first_line(); line < g.n * g.h; line += line_step()) {
        Range rows = g.holding(line % g.h, g.oh);
        Pack<N> sum = filled<N>(0);
        for (int oy = rows.lo; oy < rows.hi; oy++) {
            for (int ox = cols.lo; ox < cols.hi; ox++) {
                add(sum, over(load<N>(dy + g.at(line / g.h, oy, g.oh, ox, g.ow) + p.channel), area(g, oy, ox)));
            }
        }
        store(dx + g.at(0, line, 0, p.pixel, g.w) + p.channel, sum);
    }
}

template <int N, typename T>
__device__ __forceinline__ void global(float *y, const T *x, int pixels, int channels, int lanes) {
    global_map::Spot s = global_map::spot<N>(channels, lanes);
    Pack<N> sum = global_map::sums<N>(s, x, pixels, channels, [](float v) { return v; });
    if (s.first > 0 || !s.any) return;
    store(y + static_cast<long long>(blockIdx.x) * channels + s.channel, over(sum, static_cast<float>(pixels)));
}

template <int N, typename T>
__device__ __forceinline__ void global_backward(T *dx, const float *dy, int images, int pixels, int channels, int accumulate) {
    int packs = channels / N, i = line_place();
    if (i >= pixels * packs) return;
    for (int n = first_line(); n < images; n += line_step()) {
        Pack<N> share = over(load<N>(dy + static_cast<long long>(n) * channels + i % packs * N), static_cast<float>(pixels));
        T *to = dx + (static_cast<long long>(n) * pixels * packs + i) * N;
        if (accumulate) add(share, load<N>(to));
        store(to, share);
    }
}

}  // namespace

#define POOL_AVERAGE(name, T) \
    KERNEL(name, T *y, const T *x, WINDOW_PARAMETERS, int pack) { PACKED(pack, average, y, x, WINDOW_ARGUMENTS); }
STORED(POOL_AVERAGE, pool_average)

#define POOL_AVERAGE_BACKWARD(name, T) \
    KERNEL(name, T *dx, const T *dy, WINDOW_PARAMETERS, int pack) { PACKED(pack, average_backward, dx, dy, WINDOW_ARGUMENTS); }
STORED(POOL_AVERAGE_BACKWARD, pool_average_backward)

#define POOL_GLOBAL(name, T)                                                                           \
    KERNEL_BOUNDS(256, 4, name, float *y, const T *x, int pixels, int channels, int lanes, int pack) { \
        PACKED(pack, global, y, x, pixels, channels, lanes);                                           \
    }
STORED(POOL_GLOBAL, pool_global)

#define POOL_GLOBAL_BACKWARD(name, T)                                                                      \
    KERNEL(name, T *dx, const float *dy, int images, int pixels, int channels, int accumulate, int pack) { \
        PACKED(pack, global_backward, dx, dy, images, pixels, channels, accumulate);                       \
    }
STORED(POOL_GLOBAL_BACKWARD, pool_global_backward)
