// The scaling of channels, with the sum that follows it. Memory alone counts; a thread keeps its channels.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace {

template <int N, typename T>
__device__ __forceinline__ void scale(T *y, const T *x, const float *gamma, const T *residual, int rows, int channels) {
    int c = line_place() * N;
    if (c >= channels) return;
    Pack<N> g = load<N>(gamma + c);
    for (int r = first_line(); r < rows; r += line_step()) {
        long long at = static_cast<long long>(r) * channels + c;
        Pack<N> v = load<N>(x + at);
        if (residual) {
            Pack<N> add = load<N>(residual + at);
#pragma unroll
            for (int e = 0; e < N; e++) v[e] = fmaf(v[e], g[e], add[e]);
        } else {
#pragma unroll
            for (int e = 0; e < N; e++) v[e] *= g[e];
        }
        store(y + at, v);
    }
}

}  // namespace

#define NORM_SCALE(name, T)                                                                                                \
    KERNEL(name, T *y, const T *x, const float *gamma, const T *residual, int rows, int channels, int pack) {              \
        PACKED(pack, scale, y, x, gamma, residual, rows, channels);                                                        \
    }
STORED(NORM_SCALE, norm_scale)
