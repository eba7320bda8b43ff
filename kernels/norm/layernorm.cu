// Layer norm, a warp a row, and the gradient of its input. A lane's parts of a sum are in float32, the 32 lanes' are added
// in a tree; the second and third pass over a row find it in the L1 cache.
#include "../include/kernel.cuh"
#include "../include/rows.cuh"

namespace {

// of_lanes is the sum over the warp of each lane's N parts.
template <int N>
__device__ __forceinline__ double of_lanes(const float (&part)[N]) {
    double sum = part[0];
#pragma unroll
    for (int e = 1; e < N; e++) sum += part[e];
    return warp_sum(sum);
}

// The mean is corrected by what the deviations from its first value leave, so that squares are about the mean itself.
template <int N, typename T>
__device__ __forceinline__ void layer_norm(T *y, float *mean, float *inv, const T *x, const float *gamma, const float *beta,
                                           double eps, int rows, int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        long long at = static_cast<long long>(i) * width;
        float s0[N] = {}, s1[N] = {}, s2[N] = {};
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j);
#pragma unroll
            for (int e = 0; e < N; e++) s0[e] += v[e];
        }
        float near = static_cast<float>(of_lanes(s0) / width);
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j);
#pragma unroll
            for (int e = 0; e < N; e++) {
                float d = v[e] - near;
                s1[e] += d;
                s2[e] = fmaf(d, d, s2[e]);
            }
        }
        double off = of_lanes(s1), variance = (of_lanes(s2) - off * off / width) / width;
        float m = static_cast<float>(near + off / width);
        float scale = static_cast<float>(1 / sqrt((variance < 0 ? 0 : variance) + eps));
        if (lane() == 0) mean[i] = m, inv[i] = scale;
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j), g = load<N>(gamma + j), b = load<N>(beta + j);
#pragma unroll
            for (int e = 0; e < N; e++) v[e] = fmaf((v[e] - m) * scale, g[e], b[e]);
            store(y + at + j, v);
        }
    }
}

template <int N, typename T>
__device__ __forceinline__ void layer_norm_input(T *dx, const T *dy, const T *x, const float *gamma, const float *mean,
                                                 const float *inv, int rows, int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        long long at = static_cast<long long>(i) * width;
        float m = mean[i], scale = inv[i], s1[N] = {}, s2[N] = {};
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j), d = load<N>(dy + at + j), g = load<N>(gamma + j);
#pragma unroll
            for (int e = 0; e < N; e++) {
                float own = d[e] * g[e];
                s1[e] += own;
                s2[e] = fmaf(own, (v[e] - m) * scale, s2[e]);
            }
        }
        float a = static_cast<float>(of_lanes(s1) / width), b = static_cast<float>(of_lanes(s2) / width);
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j), d = load<N>(dy + at + j), g = load<N>(gamma + j);
#pragma unroll
            for (int e = 0; e < N; e++) d[e] = (d[e] * g[e] - a - (v[e] - m) * scale * b) * scale;
            store(dx + at + j, d);
        }
    }
}

}  // namespace

#define NORM_LAYER(name, T)                                                                                                   \
    KERNEL(name, T *y, float *mean, float *inv, const T *x, const float *gamma, const float *beta, double eps, int rows,      \
           int width, int pack) {                                                                                             \
        PACKED(pack, layer_norm, y, mean, inv, x, gamma, beta, eps, rows, width);                                             \
    }
STORED(NORM_LAYER, norm_layer)

#define NORM_LAYER_INPUT(name, T)                                                                                             \
    KERNEL(name, T *dx, const T *dy, const T *x, const float *gamma, const float *mean, const float *inv, int rows,           \
           int width, int pack) {                                                                                             \
        PACKED(pack, layer_norm_input, dx, dy, x, gamma, mean, inv, rows, width);                                             \
    }
STORED(NORM_LAYER_INPUT, norm_layer_input)
