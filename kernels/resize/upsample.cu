// Doubling of maps. Memory alone counts: each thread has one pack of channels of one small pixel, which is read or written
// once; its four copies are two pairs of neighbours.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace {

// Four is where the copies of a small pixel's pack begin: a row of the large map is `row` floats.
struct Four {
    long long up, row;
    int next;
};

// four takes line `line` of the small maps, w pixels of c channels, and the thread's place in it.
__device__ __forceinline__ Four four(long long line, int w, int c, int pixel, int channel) {
    long long row = 2LL * w * c;
    return {2 * line * row + 2LL * pixel * c + channel, row, c};
}

template <int N>
__device__ __forceinline__ void upsample2(float *y, const float *x, int lines, int w, int c) {
    int i = line_place(), packs = c / N;
    if (i >= w * packs) return;
    for (int line = first_line(); line < lines; line += line_step()) {
        Pack<N> v = load<N>(x + (static_cast<long long>(line) * w * packs + i) * N);
        Four to = four(line, w, c, i / packs, i % packs * N);
        store(y + to.up, v);
        store(y + to.up + to.next, v);
        store(y + to.up + to.row, v);
        store(y + to.up + to.row + to.next, v);
    }
}

template <int N>
__device__ __forceinline__ void upsample2_backward(float *dx, const float *dy, int lines, int w, int c) {
    int i = line_place(), packs = c / N;
    if (i >= w * packs) return;
    for (int line = first_line(); line < lines; line += line_step()) {
        Four from = four(line, w, c, i / packs, i % packs * N);
        const float *up = dy + from.up, *down = up + from.row;
        Pack<N> u0 = load<N>(up), u1 = load<N>(up + from.next), d0 = load<N>(down), d1 = load<N>(down + from.next);
#pragma unroll
        for (int e = 0; e < N; e++) u0[e] = (u0[e] + u1[e]) + (d0[e] + d1[e]);
        store(dx + (static_cast<long long>(line) * w * packs + i) * N, u0);
    }
}

}  // namespace

// lines are the rows of all small maps.
KERNEL(resize_upsample2, float *y, const float *x, int lines, int w, int c, int pack) {
    PACKED(pack, upsample2, y, x, lines, w, c);
}

KERNEL(resize_upsample2_backward, float *dx, const float *dy, int lines, int w, int c, int pack) {
    PACKED(pack, upsample2_backward, dx, dy, lines, w, c);
}
