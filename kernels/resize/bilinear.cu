// Bilinear resizing and its gradient. Where an output lies in the input is computed in integers, for that is exact, and
// needs neither a table nor double arithmetic. The gradient gathers: an input pixel adds up the outputs that lie
// beside it, in one order, and no two threads add to one number.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace {

// Axis maps positions of `out` pixels to `in`: output i lies at input max(0, (2i+1) in - out) / (2 out).
struct Axis {
    int in, out;

    __device__ __forceinline__ int units() const { return 2 * out; }  // to an input pixel

    __device__ __forceinline__ int place(int i) const { return max(0, (2 * i + 1) * in - out); }

    // first and last bound the outputs that input h takes part in: those with units (h-1) <= place < units (h+1), where
    // place(i) >= units (h-1) is (2i+1) in >= out (2h-1), and the other end likewise. All outputs before the first input are
    // at place 0.
    __device__ __forceinline__ int first(int h) const { return h < 2 ? 0 : (out * (2 * h - 1) / in - 1) / 2; }
    __device__ __forceinline__ int last(int h) const { return min(out - 1, (out * (2 * h + 3) / in + 1) / 2); }
};

// Between is an output's place in the input: at lo with weight 1-part, at hi with weight part.
struct Between {
    int lo, hi;
    float part;
};

__device__ __forceinline__ Between between(Axis a, int i) {
    int place = a.place(i), lo = min(place / a.units(), a.in - 1);
    return {lo, min(lo + 1, a.in - 1), static_cast<float>(place - lo * a.units()) / static_cast<float>(a.units())};
}

template <int N>
__device__ __forceinline__ Pack<N> mix(const Pack<N> &a, const Pack<N> &b, float part) {
    Pack<N> m;
#pragma unroll
    for (int e = 0; e < N; e++) m[e] = (1 - part) * a[e] + part * b[e];
    return m;
}

template <int N>
__device__ __forceinline__ void bilinear(float *y, const float *x, int images, Axis rows, Axis cols, int c) {
    int j = line_place(), packs = c / N;
    if (j >= cols.out * packs) return;
    Between q = between(cols, j / packs);
    long long left = static_cast<long long>(q.lo) * c + j % packs * N, right = static_cast<long long>(q.hi) * c + j % packs * N;
    for (int line = first_line(); line < images * rows.out; line += line_step()) {
        Between r = between(rows, line % rows.out);
        const float *image = x + static_cast<long long>(line / rows.out) * rows.in * cols.in * c;
        const float *up = image + static_cast<long long>(r.lo) * cols.in * c, *down = image + static_cast<long long>(r.hi) * cols.in * c;
        Pack<N> top = mix(load<N>(up + left), load<N>(up + right), q.part);
        Pack<N> bottom = mix(load<N>(down + left), load<N>(down + right), q.part);
        store(y + (static_cast<long long>(line) * cols.out * packs + j) * N, mix(top, bottom, r.part));
    }
}

// receive adds input h's part of the gradient v of output i to sum: (1-part) v below, part v above, both at the far
// border, where they fall on one pixel. A weight of 0 counts: times a NaN it is NaN, as on the CPU.
template <int N>
__device__ __forceinline__ void receive(Pack<N> &sum, const Pack<N> &v, Axis a, int i, int h) {
    int units = a.units(), off = a.place(i) - h * units;
    if (off < -units || off >= units) return;
    bool below = off >= 0, above = !below || h == a.in - 1;
    float part = static_cast<float>(below ? off : off + units) / static_cast<float>(units);
#pragma unroll
    for (int e = 0; e < N; e++) {
        if (below) sum[e] += (1 - part) * v[e];
        if (above) sum[e] += part * v[e];
    }
}

template <int N>
__device__ __forceinline__ void bilinear_backward(float *dx, const float *dy, int images, Axis rows, Axis cols, int c) {
    int j = line_place(), packs = c / N, pixel = j / packs;
    if (j >= cols.in * packs) return;
    int begin = cols.first(pixel), end = cols.last(pixel);
    for (int line = first_line(); line < images * rows.in; line += line_step()) {
        int h = line % rows.in;
        const float *image = dy + static_cast<long long>(line / rows.in) * rows.out * cols.out * c + j % packs * N;
        Pack<N> sum = filled<N>(0);
        for (int i = rows.first(h), stop = rows.last(h); i <= stop; i++) {
            Pack<N> row = filled<N>(0);
            for (int q = begin; q <= end; q++) {
                receive(row, load<N>(image + (static_cast<long long>(i) * cols.out + q) * c), cols, q, pixel);
            }
            receive(sum, row, rows, i, h);
        }
        store(dx + (static_cast<long long>(line) * cols.in * packs + j) * N, sum);
    }
}

}  // namespace

KERNEL(resize_bilinear, float *y, const float *x, int images, int h, int w, int oh, int ow, int c, int pack) {
    Axis rows = {h, oh}, cols = {w, ow};
    PACKED(pack, bilinear, y, x, images, rows, cols, c);
}

KERNEL_BOUNDS(256, 4, resize_bilinear_backward, float *dx, const float *dy, int images, int h, int w, int oh, int ow, int c,
              int pack) {
    Axis rows = {h, oh}, cols = {w, ow};
    PACKED(pack, bilinear_backward, dx, dy, images, rows, cols, c);
}
