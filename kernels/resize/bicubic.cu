// Bicubic resizing of one grid and its gradient, in two launches: the weights of each axis, in double as on the CPU, and the sums, for
// which the gradient reads the tables the other way. Grids are small, so that whole tables are walked over.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace {

__device__ __forceinline__ double keys(double x, double a) {
    x = fabs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return 0;
}

// smooth is the weight of input p for output i with antialiasing.
__device__ __forceinline__ double smooth(int i, int p, int in, double scale) {
    double center = scale * (i + 0.5), wide = scale > 1 ? scale : 1, sum = 0;
    int first = max(static_cast<int>(center - 2 * wide + 0.5), 0), end = min(static_cast<int>(center + 2 * wide + 0.5), in);
    if (p < first || p >= end) return 0;
    for (int q = first; q < end; q++) sum += keys((q - center + 0.5) / wide, -0.5);
    return keys((p - center + 0.5) / wide, -0.5) / sum;
}

// sharp is the weight without: inputs outside fall on the border.
__device__ __forceinline__ double sharp(int i, int p, int in, double scale) {
    double at = scale * (i + 0.5) - 0.5, sum = 0;
    int left = static_cast<int>(floor(at));
    for (int q = left - 1; q <= left + 2; q++) {
        if (min(max(q, 0), in - 1) == p) sum += keys(at - q, -0.75);
    }
    return sum;
}

// Table is the weights of one axis, [outputs, inputs], and its direction.
struct Table {
    const float *weights;
    int own, other;
    bool backward;

    __device__ __forceinline__ float operator()(int i, int p) const { return weights[backward ? p * own + i : i * other + p]; }
};

template <int N>
__device__ __forceinline__ void weigh(float *y, const float *x, Table rows, Table cols, int d) {
    int place = line_place(), packs = d / N, j = place / packs, c = place % packs * N;
    if (j >= cols.own) return;
    for (int i = first_line(); i < rows.own; i += line_step()) {
        Pack<N> sum = filled<N>(0);
        for (int q = 0; q < cols.other; q++) {
            float b = cols(j, q);
            if (b == 0) continue;
            Pack<N> column = filled<N>(0);
            for (int p = 0; p < rows.other; p++) {
                float a = rows(i, p);
                if (a == 0) continue;
                Pack<N> v = load<N>(x + (static_cast<long long>(p) * cols.other + q) * d + c);
#pragma unroll
                for (int e = 0; e < N; e++) column[e] = fmaf(a, v[e], column[e]);
            }
#pragma unroll
            for (int e = 0; e < N; e++) sum[e] = fmaf(b, column[e], sum[e]);
        }
        store(y + (static_cast<long long>(i) * cols.own + j) * d + c, sum);
    }
}

}  // namespace

KERNEL(resize_bicubic_weights, float *table, int out, int in, double scale, int antialias) {
    for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < out * in; k += gridDim.x * blockDim.x) {
        double w = antialias ? smooth(k / in, k % in, in, scale) : sharp(k / in, k % in, in, scale);
        table[k] = static_cast<float>(w);
    }
}

// y [oh,ow,d] of x [h,w,d].
KERNEL(resize_bicubic, float *y, const float *x, const float *rows, const float *cols, int oh, int ow, int h, int w, int d, int backward,
       int pack) {
    Table a = {rows, oh, h, backward != 0}, b = {cols, ow, w, backward != 0};
    PACKED(pack, weigh, y, x, a, b, d);
}
