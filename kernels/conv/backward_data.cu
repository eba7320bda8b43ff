// The gradient of x where cuDNN is not installed or does not take the shape: the product of the output pixels over each
// pixel of x with the filters. Each element is a sum of its own, so that no two threads add to one place. With a stride,
// most taps of a pixel meet no output and multiply zeros; the fast path is cuDNN's.
#include "taps.cuh"

namespace conv_backward_data {

constexpr int kTile = 128;

// Turned is the filters [o,kh,kw,c] as the matrix of rows c and k = (tap, o).
template <typename T>
struct Turned {
    static constexpr bool kAlongRows = true;
    const T *filters;
    int c, o, taps;
    conv_geometry::Divider by_o;
    bool quads;

    __device__ __forceinline__ Turned(const T *filters, const conv_geometry::Geometry &g)
        : filters(filters), c(g.c), o(g.o), taps(g.kh * g.kw), by_o(g.o),
            quads(g.c % 4 == 0 && reinterpret_cast<size_t>(filters) % 16 == 0) {}

    struct Row {
        int i;
    };
    __device__ __forceinline__ Row row(int i) const { return {i}; }
    __device__ __forceinline__ float4 load(const Row &r, int k) const {
        int tap = by_o.split(k);
        if (tap >= taps) return make_float4(0, 0, 0, 0);
        const T *at = filters + (k * (long long)taps + tap) * c + r.i;
        if (quads && r.i < c) return quad(at);
        return make_float4(r.i < c ? float(at[0]) : 0, r.i + 1 < c ? float(at[1]) : 0, r.i + 2 < c ? float(at[2]) : 0,
                           r.i + 3 < c ? float(at[3]) : 0);
    }
};

template <GemmFormat FORMAT, typename T>
__device__ __forceinline__ void lead_back(T *dx, const T *dy, const T *filters, int accumulate, const conv_geometry::Geometry &g) {
    int across = (g.c + kGemmCols - 1) / kGemmCols, c = g.c;
    int row0 = blockIdx.x / across * kTile, col0 = blockIdx.x % across * kGemmCols;
    conv_taps::Taps<conv_taps::Above<T>> outputs(dy, g);
    Turned<T> turned(filters, g);
    gemm_tile<kTile, FORMAT>(outputs, turned, 0, g.kh * g.kw * g.o, row0, col0, g.n * g.h * g.w, c,
                             [=](int i, int j, float v, float w, bool both) {
                                 T *at = dx + i * (long long)c + j;
                                 at[0] = accumulate ? at[0] + v : v;
                                 if (both) at[1] = accumulate ? at[1] + w : w;
                             });
}

}  // namespace conv_backward_data

#define CONV_BACKWARD_DATA(format, blocks, FORMAT, T)                                                                           \
    KERNEL_BOUNDS(256, blocks, conv_backward_data_##format, T *dx, const T *dy, const T *filters, int accumulate, CONV_SIZES) {  \
        conv_backward_data::lead_back<FORMAT>(dx, dy, filters, accumulate, CONV_GEOMETRY);                                       \
    }
CONV_BACKWARD_DATA(fp32, 1, kGemmFp32, float)
CONV_BACKWARD_DATA(tf32, 2, kGemmTf32, float)
CONV_BACKWARD_DATA(bf16, 2, kGemmBf16, float)
CONV_BACKWARD_DATA(b16, 2, kGemmBf16, bfloat)
