// L2 normalisation of rows, a warp a row. Lengths are summed in double, as the contract has them: these rows are
// embeddings, few beside the maps of a network, and a square neither overflows nor vanishes there.
#include "../include/kernel.cuh"
#include "../include/rows.cuh"

namespace {

// at_least is max(length, eps); a NaN length stays.
__device__ __forceinline__ double at_least(double eps, double length) { return length < eps ? eps : length; }

template <int N>
__device__ __forceinline__ void l2(float *y, float *norm, const float *x, double eps, int rows, int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        long long at = static_cast<long long>(i) * width;
        double length = sqrt(row_dot<N>(x + at, x + at, width)), scale = 1 / at_least(eps, length);
        if (lane() == 0) norm[i] = static_cast<float>(length);
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j);
#pragma unroll
            for (int e = 0; e < N; e++) v[e] = static_cast<float>(v[e] * scale);
            store(y + at + j, v);
        }
    }
}

// A row not longer than eps was divided by eps alone: nothing of dy along it is taken off.
template <int N>
__device__ __forceinline__ void l2_backward(float *dx, const float *dy, const float *y, const float *norm, double eps, int rows,
                                            int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        long long at = static_cast<long long>(i) * width;
        double length = norm[i], scale = 1 / at_least(eps, length);
        double along = length > eps ? row_dot<N>(y + at, dy + at, width) : 0;
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> g = load<N>(dy + at + j), v = load<N>(y + at + j);
#pragma unroll
            for (int e = 0; e < N; e++) g[e] = static_cast<float>((g[e] - v[e] * along) * scale);
            store(dx + at + j, g);
        }
    }
}

}  // namespace

KERNEL(norm_l2, float *y, float *norm, const float *x, double eps, int rows, int width, int pack) {
    PACKED(pack, l2, y, norm, x, eps, rows, width);
}

KERNEL(norm_l2_backward, float *dx, const float *dy, const float *y, const float *norm, double eps, int rows, int width,
       int pack) {
    PACKED(pack, l2_backward, dx, dy, y, norm, eps, rows, width);
}
