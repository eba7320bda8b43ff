// Local response normalisation over the channels of a pixel, and its gradient. A thread has one pack of channels and loops
// over pixels; its neighbours' channels are in the L1 cache, because the threads beside it read them too.
// The gradient computes the scales of its window again: some tens of instructions an element, which the memory bus hides,
// instead of a map of scales kept from the forward pass.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace lrn {

struct Constants {
    int channels, half;
    float k, share, beta;

    // scale is k + share times the squares in the window of channel c of the pixel at x.
    template <typename T>
    __device__ __forceinline__ float scale(const T *x, int c) const {
        float sum = 0;
        for (int q = max(c - half, 0); q <= min(c + half, channels - 1); q++) {
            float v = x[q];
            sum = fmaf(v, v, sum);
        }
        return fmaf(share, sum, k);
    }

    // factor is s^-beta; for 3/4, which every published network uses, by two roots.
    __device__ __forceinline__ float factor(float s) const {
        if (beta != 0.75f) return powf(s, -beta);
        float root = sqrtf(s);
        return 1 / (root * sqrtf(root));
    }
};

template <int N, typename T>
__device__ __forceinline__ void forward(T *y, const T *x, int pixels, const Constants &of) {
    int c = line_place() * N;
    if (c >= of.channels) return;
    for (int p = first_line(); p < pixels; p += line_step()) {
        const T *from = x + static_cast<long long>(p) * of.channels;
        Pack<N> v = load<N>(from + c);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] *= of.factor(of.scale(from, c + e));
        store(y + static_cast<long long>(p) * of.channels + c, v);
    }
}

// Channel q of the pixel gives to all channels of the pack whose window holds it.
template <int N, typename T>
__device__ __forceinline__ void backward(T *dx, const T *dy, const T *x, int pixels, const Constants &of) {
    int c = line_place() * N;
    if (c >= of.channels) return;
    float twice = 2 * of.share * of.beta;
    for (int p = first_line(); p < pixels; p += line_step()) {
        const T *from = x + static_cast<long long>(p) * of.channels, *dfrom = dy + static_cast<long long>(p) * of.channels;
        Pack<N> sum = filled<N>(0), own = filled<N>(0), v = load<N>(from + c);
        for (int q = max(c - of.half, 0); q < min(c + N + of.half, of.channels); q++) {
            float s = of.scale(from, q), factor = of.factor(s), straight = dfrom[q] * factor, ratio = straight * from[q] / s;
#pragma unroll
            for (int e = 0; e < N; e++) {
                if (q >= c + e - of.half && q <= c + e + of.half) sum[e] += ratio;
                if (q == c + e) own[e] = straight;
            }
        }
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = own[e] - twice * v[e] * sum[e];
        store(dx + static_cast<long long>(p) * of.channels + c, v);
    }
}

}  // namespace lrn

#define LRN_FORWARD(name, T)                                                                                         \
    KERNEL(name, T *y, const T *x, int pixels, int channels, int half, float k, float share, float beta, int pack) { \
        lrn::Constants of = {channels, half, k, share, beta};                                                        \
        PACKED(pack, lrn::forward, y, x, pixels, of);                                                                \
    }
STORED(LRN_FORWARD, lrn_forward)

#define LRN_BACKWARD(name, T)                                                                                          \
    KERNEL(name, T *dx, const T *dy, const T *x, int pixels, int channels, int half, float k, float share, float beta, \
           int pack) {                                                                                                 \
        lrn::Constants of = {channels, half, k, share, beta};                                                          \
        PACKED(pack, lrn::backward, dx, dy, x, pixels, of);                                                            \
    }
STORED(LRN_BACKWARD, lrn_backward)
