// The convolution where cuDNN is not installed or does not take the shape: one matrix product, of the patches under the
// kernel with the filters, whose loads find each patch in the image. Tiles are 128 pixels x 64 filters. A block's number
// runs along filters first, so that blocks at work at the same time share pixels in the second-level cache.
#include "taps.cuh"

namespace conv_forward {

constexpr int kTile = 128;

// A NaN is kept, as torch.relu keeps it: no comparison with it is true.
__device__ __forceinline__ float rectified(float v, int relu) { return relu && v <= 0 ? 0 : v; }

template <GemmFormat FORMAT, typename T>
__device__ __forceinline__ void convolve(T *y, const T *x, const T *filters, const float *bias, int relu,
                                         const conv_geometry::Geometry &g) {
    int across = (g.o + kGemmCols - 1) / kGemmCols, patch = g.kh * g.kw * g.c, o = g.o;
    int row0 = blockIdx.x / across * kTile, col0 = blockIdx.x % across * kGemmCols;
    conv_taps::Taps<conv_taps::Below<T>> patches(x, g);
    GemmRows rows(filters, o, patch, patch);
    gemm_tile<kTile, FORMAT>(patches, rows, 0, patch, row0, col0, g.n * g.oh * g.ow, o, [=](int i, int j, float v, float w, bool both) {
        T *at = y + i * (long long)o + j;
        at[0] = rectified(v + (bias ? bias[j] : 0), relu);
        if (both) at[1] = rectified(w + (bias ? bias[j + 1] : 0), relu);
    });
}

template <typename T>
__device__ __forceinline__ void finish(T *y, const float *bias, long long n, int cols, int relu) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        y[i] = rectified(y[i] + (bias ? bias[i % cols] : 0), relu);
    }
}

// n and cols count quads.
template <typename T>
__device__ __forceinline__ void finish_quads(T *y, const float *bias, long long n, int cols, int relu) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        Pack<4> v = load<4>(y + 4 * i), b = bias ? load<4>(bias + i % cols * 4) : filled<4>(0);
#pragma unroll
        for (int e = 0; e < 4; e++) v[e] = rectified(v[e] + b[e], relu);
        store(y + 4 * i, v);
    }
}

}  // namespace conv_forward

#define CONV_FORWARD(format, blocks, FORMAT, T)                                                                                  \
    KERNEL_BOUNDS(256, blocks, conv_forward_##format, T *y, const T *x, const T *filters, const float *bias, int relu,           \
                  CONV_SIZES) {                                                                                                  \
        conv_forward::convolve<FORMAT>(y, x, filters, bias, relu, CONV_GEOMETRY);                                                \
    }
CONV_FORWARD(fp32, 1, kGemmFp32, float)
CONV_FORWARD(tf32, 2, kGemmTf32, float)
CONV_FORWARD(bf16, 2, kGemmBf16, float)
CONV_FORWARD(b16, 2, kGemmBf16, bfloat)

// y = max(0, y + bias), with bias or the maximum left out: the steps after cuDNN's convolution. It has no bias and ReLU that promise to
// keep a NaN. Bound by memory: a thread moves a quad where rows are made of them.
#define CONV_FINISH_QUADS(name, T)                                                   \
    KERNEL(name, T *y, const float *bias, long long n, int cols, int relu) {         \
        conv_forward::finish_quads(y, bias, n, cols, relu);                          \
    }
STORED(CONV_FINISH_QUADS, conv_finish_quads)

#define CONV_FINISH(name, T)                                                         \
    KERNEL(name, T *y, const float *bias, long long n, int cols, int relu) {         \
        conv_forward::finish(y, bias, n, cols, relu);                                \
    }
STORED(CONV_FINISH, conv_finish)
