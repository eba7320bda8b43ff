// Maximum over windows, and its gradient. Both are bound by memory: a thread has one pack of channels of one pixel, so that
// a warp reads whole pixels, and pixels that windows share come from the L1 cache.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "windows.cuh"

namespace {

using namespace window;

// torch's loop over a window: the first largest wins, and a NaN beats everything, the last one all others.
template <int N, typename T>
__device__ __forceinline__ void maximum(T *y, uint8_t *at, const T *x, const Windows &g) {
    Place p = place<N>(g, g.ow);
    if (!p.any) return;
    Range cols = g.window(p.pixel, g.w);
    for (int line = first_line(); line < g.n * g.oh; line += line_step()) {
        int oy = line % g.oh;
        Range rows = g.window(oy, g.h);
        Pack<N> best = filled<N>(-INFINITY);
        Pack<N, uint8_t> where;
        uint8_t first = g.position(rows.lo, oy) * g.kernel + g.position(cols.lo, p.pixel);
#pragma unroll
        for (int e = 0; e < N; e++) where[e] = first;
        for (int r = rows.lo; r < rows.hi; r++) {
            const T *from = x + g.at(line / g.oh, r, g.h, cols.lo, g.w) + p.channel;
            uint8_t here = g.position(r, oy) * g.kernel + g.position(cols.lo, p.pixel);
            for (int q = cols.lo; q < cols.hi; q++, here++, from += g.c) {
                Pack<N> v = load<N>(from);
#pragma unroll
                for (int e = 0; e < N; e++) {
                    if (v[e] > best[e] || v[e] != v[e]) best[e] = v[e], where[e] = here;
                }
            }
        }
        long long to = g.at(0, line, 0, p.pixel, g.ow) + p.channel;
        store(y + to, best);
        store(at + to, where);
    }
}

// The gradient gathers: a pixel looks at each window that holds it, whether it was the maximum there. No two threads add to one
// number, and the order of the sum is that of the windows.
template <int N, typename T>
__device__ __forceinline__ void maximum_backward(T *dx, const T *dy, const uint8_t *at, const Windows &g) {
    Place p = place<N>(g, g.w);
    if (!p.any) return;
    Range cols = g.holding(p.pixel, g.ow);
    for (int line = first_line(); line < g.n * g.h; line += line_step()) {
        int r = line % g.h;
        Range rows = g.holding(r, g.oh);
        Pack<N> sum = filled<N>(0);
        for (int oy = rows.lo; oy < rows.hi; oy++) {
            for (int ox = cols.lo; ox < cols.hi; ox++) {
                long long from = g.at(line / g.h, oy, g.oh, ox, g.ow) + p.channel;
                Pack<N> v = load<N>(dy + from);
                Pack<N, uint8_t> where = load<N>(at + from);
                int here = g.position(r, oy) * g.kernel + g.position(p.pixel, ox);
#pragma unroll
                for (int e = 0; e < N; e++) {
                    if (where[e] == here) sum[e] += v[e];
                }
            }
        }
        store(dx + g.at(0, line, 0, p.pixel, g.w) + p.channel, sum);
    }
}

}  // namespace

#define POOL_MAX(name, T)                                                      \
    KERNEL(name, T *y, uint8_t *at, const T *x, WINDOW_PARAMETERS, int pack) { \
        PACKED(pack, maximum, y, at, x, WINDOW_ARGUMENTS);                     \
    }
STORED(POOL_MAX, pool_max)

#define POOL_MAX_BACKWARD(name, T)                                                                    \
    KERNEL_BOUNDS(256, 4, name, T *dx, const T *dy, const uint8_t *at, WINDOW_PARAMETERS, int pack) { \
        PACKED(pack, maximum_backward, dx, dy, at, WINDOW_ARGUMENTS);                                 \
    }
STORED(POOL_MAX_BACKWARD, pool_max_backward)
