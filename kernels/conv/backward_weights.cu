// The gradient of the filters where cuDNN is not installed or does not take the shape, and that of the bias.
//
// dw is the product of dy, transposed, with the patches of x: few results, each a sum over all pixels. So blockIdx.z
// counts parts of the pixels, whose sums lie one after the other for gemm_add_parts, which adds them in order. Tiles are
// 64 x 64, because networks' layers have few filters.
#include "../gemm/column_sums.cuh"
#include "taps.cuh"

namespace conv_backward_weights {

using conv_geometry::Divider;
using conv_geometry::Geometry;

constexpr int kTile = 64;

// Pixels is x as the matrix whose rows are the terms of a patch (tap, channel) and whose k are output pixels.
template <typename T>
struct Pixels {
    static constexpr bool kAlongRows = true;
    const T *x;
    Geometry g;
    Divider by_ow, by_oh;
    int count;
    bool quads;

    __device__ __forceinline__ Pixels(const T *x, const Geometry &g)
        : x(x), g(g), by_ow(g.ow), by_oh(g.oh), count(g.n * g.oh * g.ow), quads(g.c % 4 == 0 && reinterpret_cast<size_t>(x) % 16 == 0) {}

    // The tap and channel of the first of four rows; p is kh or more past the end.
    struct Row {
        int p, q, c;
    };
    __device__ __forceinline__ Row row(int i) const {
        int tap = i / g.c;
        return {tap / g.kw, tap % g.kw, i % g.c};
    }
    __device__ __forceinline__ float4 load(const Row &r, int k) const {
        if (k >= count) return make_float4(0, 0, 0, 0);
        int line = by_ow.split(k);
        int n = by_oh.split(line);
        const T *image = x + n * ((long long)g.h * g.w * g.c);
        int top = line * g.stride - g.pad, left = k * g.stride - g.pad;
        const T *at = pixel(image, top + r.p, left + r.q, r.p);
        if (quads) return at ? quad(at + r.c) : make_float4(0, 0, 0, 0);
        Row now = r;
        float4 v;
        v.x = next(image, top, left, at, now);
        v.y = next(image, top, left, at, now);
        v.z = next(image, top, left, at, now);
        v.w = next(image, top, left, at, now);
        return v;
    }

private:
    __device__ __forceinline__ const T *pixel(const T *image, int row, int col, int p) const {
        bool inside = p < g.kh && row >= 0 && row < g.h && col >= 0 && col < g.w;
        return inside ? image + (row * (long long)g.w + col) * g.c : nullptr;
    }
    // next is the element of row r; then r goes on to the next row.
    __device__ __forceinline__ float next(const T *image, int top, int left, const T *&at, Row &r) const {
        float v = at ? float(at[r.c]) : 0;
        if (++r.c == g.c) {
            r.c = 0;
            if (++r.q == g.kw) {
                r.q = 0;
                r.p++;
            }
            at = pixel(image, top + r.p, left + r.q, r.p);
        }
        return v;
    }
};

template <GemmFormat FORMAT, typename T>
__device__ __forceinline__ void sum_pixels(float *dw, const T *dy, const T *x, int chunk, const Geometry &g) {
    int patch = g.kh * g.kw * g.c, pixels = g.n * g.oh * g.ow, across = (patch + kGemmCols - 1) / kGemmCols;
    int row0 = blockIdx.x / across * kTile, col0 = blockIdx.x % across * kGemmCols;
    int k0 = blockIdx.z * chunk, k1 = pixels - k0 < chunk ? pixels : k0 + chunk;
    float *out = dw + blockIdx.z * (long long)g.o * patch;
    GemmColumns gradients(dy, g.o, pixels, g.o);
    Pixels<T> patches(x, g);
    gemm_tile<kTile, FORMAT>(gradients, patches, k0, k1, row0, col0, g.o, patch, [=](int i, int j, float v, float w, bool both) {
        float *at = out + i * (long long)patch + j;
        at[0] = v;
        if (both) at[1] = w;
    });
}

// held is a gradient behind ReLU: 0 unless y is above 0, or a NaN.
__device__ __forceinline__ float held(float dy, float y) { return y <= 0 ? 0 : dy; }

template <int N, typename T>
__device__ __forceinline__ void mask_sums(float *sums, T *dy, const T *y, long long rows, int cols, int width, long long chunk) {
    column_sums::sum_chunk<N, 2>(sums, rows, cols, width, chunk, [=](auto &packs, long long i, long long step) {
        constexpr int kCount = sizeof(packs) / sizeof(packs[0]);
        Pack<N> v[kCount];
#pragma unroll
        for (int k = 0; k < kCount; k++) packs[k] = load<N>(dy + i + k * step), v[k] = load<N>(y + i + k * step);
#pragma unroll
        for (int k = 0; k < kCount; k++) {
#pragma unroll
            for (int j = 0; j < N; j++) packs[k][j] = held(packs[k][j], v[k][j]);
            store(dy + i + k * step, packs[k]);
        }
    });
}

}  // namespace conv_backward_weights

#define CONV_BACKWARD_WEIGHTS(format, blocks, FORMAT, T)                                                                        \
    KERNEL_BOUNDS(128, blocks, conv_backward_weights_##format, float *dw, const T *dy, const T *x, int chunk, CONV_SIZES) {      \
        conv_backward_weights::sum_pixels<FORMAT>(dw, dy, x, chunk, CONV_GEOMETRY);                                              \
    }
CONV_BACKWARD_WEIGHTS(fp32, 2, kGemmFp32, float)
CONV_BACKWARD_WEIGHTS(tf32, 3, kGemmTf32, float)
CONV_BACKWARD_WEIGHTS(bf16, 3, kGemmBf16, float)
CONV_BACKWARD_WEIGHTS(b16, 3, kGemmBf16, bfloat)

// dy becomes 0 where y, an output of ReLU, is 0, and sums get the sums of its columns, in one pass over memory: each element is seen by
// one thread, once.
#define CONV_MASK_SUMS(name, T)                                                                                                 \
    KERNEL_BOUNDS(256, 8, name, float *sums, T *dy, const T *y, long long rows, int cols, int width, long long chunk, int pack) { \
        PACKED(column_sums::pack_of<T>(pack), conv_backward_weights::mask_sums, sums, dy, y, rows, cols, width, chunk);             \
    }
STORED(CONV_MASK_SUMS, conv_mask_sums)
