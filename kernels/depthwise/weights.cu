// The gradient of the weights: few results, each a sum over all outputs. A warp has 32 channels and the neighbouring taps of a row of
// the kernel, up to kTaps, whose sums stay in registers; so dy is read once for all of them. The warps of a block share the outputs
// of a line and meet in shared memory, where their sums are added in order. blockIdx.z counts parts of the lines, which
// gemm_add_parts adds in order: the same bits in every run.
#include "taps.cuh"

namespace depthwise {

constexpr int kTaps = 8, kWarp = 32, kWarps = 8;

// sums adds up lines [lo,hi) for tap row p, taps first, first+1, ... and one channel.
template <typename T>
__device__ __forceinline__ void sums(float (&sum)[kTaps], const T *x, const T *dy, int lo, int hi, int p, int first, int channel,
                                     const Sizes &s) {
    for (int line = lo; line < hi; line++) {
        int image = line / s.oh, row = line % s.oh * s.stride - s.before + p;
        if (row < 0 || row >= s.h) continue;
        for (int j = threadIdx.y; j < s.ow; j += kWarps) {
            float g = dy[s.y_at(0, line, j) + channel];
            int left = j * s.stride - s.before + first;
#pragma unroll
            for (int q = 0; q < kTaps; q++) {
                int col = left + q;
                if (first + q < s.kw && col >= 0 && col < s.w) sum[q] = fmaf(g, float(x[s.x_at(image, row, col) + channel]), sum[q]);
            }
        }
    }
}

// add_up writes parts[blockIdx.z] [kh,kw,c], the sum over its chunk of lines. Blocks are of kWarp x kWarps threads; blockIdx.y counts rows
// of the kernel and, in each, groups of kTaps taps.
template <typename T>
__device__ __forceinline__ void add_up(float *parts, const T *x, const T *dy, int chunk, const Sizes &s) {
    __shared__ float room[kWarps][kTaps][kWarp];
    int groups = (s.kw + kTaps - 1) / kTaps, p = blockIdx.y / groups, first = blockIdx.y % groups * kTaps;
    int channel = blockIdx.x * kWarp + threadIdx.x, lo = blockIdx.z * chunk, hi = min(lo + chunk, s.n * s.oh);
    float sum[kTaps] = {};
    if (channel < s.c) sums(sum, x, dy, lo, hi, p, first, channel, s);
#pragma unroll
    for (int q = 0; q < kTaps; q++) room[threadIdx.y][q][threadIdx.x] = sum[q];
    __syncthreads();
    int tap = first + threadIdx.y;  // a warp adds up one tap: there are as many of either
    if (channel >= s.c || tap >= s.kw) return;
    float total = 0;
#pragma unroll
    for (int i = 0; i < kWarps; i++) total += room[i][threadIdx.y][threadIdx.x];
    parts[(blockIdx.z * (long long)(s.kh * s.kw) + p * s.kw + tap) * s.c + channel] = total;
}

}  // namespace depthwise

#define DEPTHWISE_BACKWARD_WEIGHTS(name, T)                                                                                          \
    KERNEL_BOUNDS(256, 4, name, float *parts, const T *x, const T *dy, int chunk, DEPTHWISE_SIZES) {                                 \
        depthwise::add_up(parts, x, dy, chunk, DEPTHWISE_MADE);                                                                      \
    }
STORED(DEPTHWISE_BACKWARD_WEIGHTS, depthwise_backward_weights)
