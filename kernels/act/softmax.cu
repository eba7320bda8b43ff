// Softmax and log-sum-exp of rows. Exponentials are taken in float32 of differences to the row's largest element, whose
// rounding error counts least where the exponential is large; sums are kept in double, as the contract has them.
#include "../include/kernel.cuh"
#include "../include/rows.cuh"

namespace {

// largest is the largest element of a row that is not NaN, or -inf; all lanes get it.
template <int N>
__device__ __forceinline__ float largest(const float *x, int width) {
    float m = -INFINITY;
    for (int j = lane() * N; j < width; j += 32 * N) {
        Pack<N> v = load<N>(x + j);
#pragma unroll
        for (int e = 0; e < N; e++) m = v[e] > m ? v[e] : m;
    }
    return warp_max(m);
}

// exponentials is the sum of exp(x - m) over a row. Four neighbours are added in float32, rounding twice: double
// arithmetic is the slow part on GPUs that have little of it.
template <int N>
__device__ __forceinline__ double exponentials(const float *x, float m, int width) {
    double sum = 0;
    for (int j = lane() * N; j < width; j += 32 * N) {
        Pack<N> v = load<N>(x + j);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = expf(v[e] - m);
#pragma unroll
        for (int half = N / 2; half > 0; half /= 2) {
#pragma unroll
            for (int e = 0; e < half; e++) v[e] += v[e + half];
        }
        sum += v[0];
    }
    return warp_sum(sum);
}

template <int N>
__device__ __forceinline__ void softmax(float *y, const float *x, int rows, int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        const float *from = x + static_cast<long long>(i) * width;
        float *to = y + static_cast<long long>(i) * width;
        float m = largest<N>(from, width);
        float sum = static_cast<float>(exponentials<N>(from, m, width));
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(from + j);
#pragma unroll
            for (int e = 0; e < N; e++) v[e] = expf(v[e] - m) / sum;
            store(to + j, v);
        }
    }
}

template <int N>
__device__ __forceinline__ void softmax_backward(float *dx, const float *dy, const float *y, int rows, int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        long long at = static_cast<long long>(i) * width;
        float along = static_cast<float>(row_dot<N>(y + at, dy + at, width));
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(y + at + j), g = load<N>(dy + at + j);
#pragma unroll
            for (int e = 0; e < N; e++) g[e] = v[e] * (g[e] - along);
            store(dx + at + j, g);
        }
    }
}

template <int N>
__device__ __forceinline__ void log_sum_exp(float *y, const float *x, int rows, int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        const float *from = x + static_cast<long long>(i) * width;
        float m = largest<N>(from, width);
        if (isinf(m)) m = 0;  // inf - inf would be NaN
        double sum = exponentials<N>(from, m, width);
        if (lane() == 0) y[i] = static_cast<float>(m + log(sum));
    }
}

template <int N>
__device__ __forceinline__ void log_sum_exp_backward(float *dx, const float *dy, const float *x, const float *y, int rows,
                                                     int width) {
    for (int i = first_row(); i < rows; i += row_step()) {
        long long at = static_cast<long long>(i) * width;
        float g = dy[i], sum = y[i];
        for (int j = lane() * N; j < width; j += 32 * N) {
            Pack<N> v = load<N>(x + at + j);
#pragma unroll
            for (int e = 0; e < N; e++) v[e] = g * expf(v[e] - sum);
            store(dx + at + j, v);
        }
    }
}

}  // namespace

KERNEL(act_softmax, float *y, const float *x, int rows, int width, int pack) {
    PACKED(pack, softmax, y, x, rows, width);
}

KERNEL(act_softmax_backward, float *dx, const float *dy, const float *y, int rows, int width, int pack) {
    PACKED(pack, softmax_backward, dx, dy, y, rows, width);
}

KERNEL(act_log_sum_exp, float *y, const float *x, int rows, int width, int pack) {
    PACKED(pack, log_sum_exp, y, x, rows, width);
}

KERNEL(act_log_sum_exp_backward, float *dx, const float *dy, const float *x, const float *y, int rows, int width, int pack) {
    PACKED(pack, log_sum_exp_backward, dx, dy, x, y, rows, width);
}
