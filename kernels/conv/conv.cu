// The convolution where cuDNN is not installed or does not take the shape: one matrix product, of the patches under the
// kernel with the filters, whose loads find each patch in the image. Tiles are 128 pixels x 64 filters. A block's number
// runs along filters first, so that blocks at work at the same time share pixels in the second-level cache.
#include "taps.cuh"

namespace conv_forward {

constexpr int kTile = 128;

// A NaN is kept, as torch.relu keeps it: no comparison with it is true.
__device__ __forceinline__ float rectified(float v, int relu) { return relu && v <= 0 ? 0 : v; }

template <GemmFormat FORMAT>
__device__ __forceinline__ void convolve(float *y, const float *x, const float *filters, const float *bias, int relu,
                                         const conv_geometry::Geometry &g) {
    int across = (g.o + kGemmCols - 1) / kGemmCols, patch = g.kh * g.kw * g.c, o = g.o;
    int row0 = blockIdx.x / across * kTile, col0 = blockIdx.x % across * kGemmCols;
    conv_taps::Taps<conv_taps::Below> patches(x, g);
    GemmRows rows(filters, o, patch, patch);
    gemm_tile<kTile, FORMAT>(patches, rows, 0, patch, row0, col0, g.n * g.oh * g.ow, o, [=](int i, int j, float v, float w, bool both) {
        float *at = y + i * (long long)o + j;
        at[0] = rectified(v + (bias ? bias[j] : 0), relu);
        if (both) at[1] = rectified(w + (bias ? bias[j + 1] : 0), relu);
    });
}

}  // namespace conv_forward

#define CONV_FORWARD(format, blocks, FORMAT)                                                                                    \
    KERNEL_BOUNDS(256, blocks, conv_forward_##format, float *y, const float *x, const float *filters, const float *bias,         \
                  int relu, CONV_SIZES) {                                                                                        \
        conv_forward::convolve<FORMAT>(y, x, filters, bias, relu, CONV_GEOMETRY);                                                \
    }
CONV_FORWARD(fp32, 1, kGemmFp32)
CONV_FORWARD(tf32, 2, kGemmTf32)
CONV_FORWARD(bf16, 2, kGemmBf16)

// y = max(0, y + bias), with bias or the maximum left out: the steps after cuDNN's convolution. It has no bias and ReLU that promise to
// keep a NaN. Bound by memory: a thread moves 16 bytes where rows are made of such quads.
KERNEL(conv_finish_quads, float4 *y, const float4 *bias, long long n, int cols, int relu) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        float4 v = y[i], b = bias ? bias[i % cols] : make_float4(0, 0, 0, 0);
        y[i] = make_float4(conv_forward::rectified(v.x + b.x, relu), conv_forward::rectified(v.y + b.y, relu),
                           conv_forward::rectified(v.z + b.z, relu), conv_forward::rectified(v.w + b.w, relu));
    }
}

KERNEL(conv_finish, float *y, const float *bias, long long n, int cols, int relu) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        y[i] = conv_forward::rectified(y[i] + (bias ? bias[i % cols] : 0), relu);
    }
}
