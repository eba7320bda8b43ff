// The sizes of a depthwise convolution as kernels get them, and where a thread's channels and pixels lie.
#pragma once
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace depthwise {

struct Sizes {
    int n, h, w, c, oh, ow, kh, kw, stride, before;

    // x_at and y_at are where the channels of a pixel begin in the input and in the output.
    __device__ __forceinline__ long long x_at(int image, int row, int col) const {
        return ((image * (long long)h + row) * w + col) * c;
    }
    __device__ __forceinline__ long long y_at(int image, int row, int col) const {
        return ((image * (long long)oh + row) * ow + col) * c;
    }
};

// Place is what a thread does in each line: the channels from `channel` on, of the pixels of strip `strip`.
struct Place {
    int strip, channel;
};

template <int N>
__device__ __forceinline__ Place place(const Sizes &s) {
    int packs = s.c / N, at = line_place();
    return {at / packs, at % packs * N};
}

template <int N>
__device__ __forceinline__ void add_products(Pack<N> &sum, const Pack<N> &a, const Pack<N> &b) {
#pragma unroll
    for (int e = 0; e < N; e++) sum[e] = fmaf(a[e], b[e], sum[e]);
}

}  // namespace depthwise

// The parameters that make Sizes, and it.
#define DEPTHWISE_SIZES int n, int h, int w, int c, int oh, int ow, int kh, int kw, int stride, int before
#define DEPTHWISE_MADE depthwise::Sizes { n, h, w, c, oh, ow, kh, kw, stride, before }
