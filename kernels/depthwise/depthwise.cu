// Depthwise convolution and the gradient of its input. Both are bound by memory: a thread has a pack of channels, so that a warp reads
// whole cache lines, and a strip of neighbouring outputs, for which it loads each weight once; the pixels that strips and lines
// share come from the caches. Weights are [kh,kw,c] in float, turned over by depthwise_turn.
#include "taps.cuh"

namespace depthwise {

constexpr int kStrip = 4;

template <int N, typename T>
__device__ __forceinline__ void forward(T *y, const T *x, const float *weights, const float *bias, const Sizes &s) {
    Place at = place<N>(s);
    int first = at.strip * kStrip;
    if (first >= s.ow) return;
    for (int line = first_line(); line < s.n * s.oh; line += line_step()) {
        int image = line / s.oh, top = line % s.oh * s.stride - s.before;
        Pack<N> sum[kStrip];
#pragma unroll
        for (int t = 0; t < kStrip; t++) sum[t] = bias ? load<N>(bias + at.channel) : filled<N>(0);
        for (int p = max(0, -top); p < min(s.kh, s.h - top); p++) {
            for (int q = 0; q < s.kw; q++) {
                Pack<N> weight = load<N>(weights + (p * s.kw + q) * (long long)s.c + at.channel);
#pragma unroll
                for (int t = 0; t < kStrip; t++) {
                    int col = (first + t) * s.stride - s.before + q;
                    if (col >= 0 && col < s.w) add_products(sum[t], load<N>(x + s.x_at(image, top + p, col) + at.channel), weight);
                }
            }
        }
#pragma unroll
        for (int t = 0; t < kStrip; t++) {
            if (first + t < s.ow) store(y + s.y_at(0, line, first + t) + at.channel, sum[t]);
        }
    }
}

// The taps over an input pixel are every stride-th; each pixel adds up its own, so that no two threads add to one number.
template <int N, typename T>
__device__ __forceinline__ void backward_data(T *dx, const T *dy, const float *weights, int accumulate, const Sizes &s) {
    Place at = place<N>(s);
    if (at.strip >= s.w) return;
    int right = at.strip + s.before;
    for (int line = first_line(); line < s.n * s.h; line += line_step()) {
        int image = line / s.h, bottom = line % s.h + s.before;
        Pack<N> sum = filled<N>(0);
        for (int p = bottom % s.stride; p < min(s.kh, bottom + 1); p += s.stride) {
            int i = (bottom - p) / s.stride;
            if (i >= s.oh) continue;
            for (int q = right % s.stride; q < min(s.kw, right + 1); q += s.stride) {
                int j = (right - q) / s.stride;
                if (j >= s.ow) continue;
                add_products(sum, load<N>(dy + s.y_at(image, i, j) + at.channel),
                             load<N>(weights + (p * s.kw + q) * (long long)s.c + at.channel));
            }
        }
        T *to = dx + s.x_at(0, line, at.strip) + at.channel;
        if (accumulate) {
            Pack<N> old = load<N>(to);
#pragma unroll
            for (int e = 0; e < N; e++) sum[e] += old[e];
        }
        store(to, sum);
    }
}

// to [cols,rows] is from [rows,cols] turned over. Weights are few: a copy in float serves maps of either type.
template <typename T>
__device__ __forceinline__ void turn(float *to, const T *from, int rows, int cols) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < rows * cols; i += gridDim.x * blockDim.x) {
        to[i] = from[i % rows * cols + i / rows];
    }
}

}  // namespace depthwise

#define DEPTHWISE_FORWARD(name, T)                                                                                                   \
    KERNEL_BOUNDS(256, 2, name, T *y, const T *x, const float *weights, const float *bias, int pack, DEPTHWISE_SIZES) {              \
        PACKED(pack, depthwise::forward, y, x, weights, bias, DEPTHWISE_MADE);                                                       \
    }
STORED(DEPTHWISE_FORWARD, depthwise_forward)

#define DEPTHWISE_BACKWARD_DATA(name, T)                                                                                             \
    KERNEL_BOUNDS(256, 2, name, T *dx, const T *dy, const float *weights, int accumulate, int pack, DEPTHWISE_SIZES) {               \
        PACKED(pack, depthwise::backward_data, dx, dy, weights, accumulate, DEPTHWISE_MADE);                                         \
    }
STORED(DEPTHWISE_BACKWARD_DATA, depthwise_backward_data)

#define DEPTHWISE_TURN(name, T) \
    KERNEL(name, float *to, const T *from, int rows, int cols) { depthwise::turn(to, from, rows, cols); }
STORED(DEPTHWISE_TURN, depthwise_turn)
