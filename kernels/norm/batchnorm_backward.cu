// The gradient of batch norm in training, in three launches, and in evaluation, in one. In training: sums over chunks of rows, their
// union, and the gradient of x. The first and the last read dy and x once each; where ReLU let x through is computed again instead of
// read from y.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"
#include "batchnorm.cuh"

namespace {

using namespace batchnorm;

// gate is dy where y is above 0 or NaN.
template <int N>
__device__ __forceinline__ float gate(const Affine<N> &to, float dy, float x, int j) {
    return to(x, j) <= 0 ? 0.0f : dy;
}

// gradient_sums leaves the sums of dy and of dy (x - mean) over a chunk. A thread adds up to 64 rows in float32, the block
// its threads in double.
template <int N>
__device__ __forceinline__ void gradient_sums(double *parts, const float *dy, const float *x, const float *mean, const float *inv,
                                              const float *gamma, const float *beta, int rows, int channels, int lanes,
                                              int chunk) {
    SHARED(double, room);
    Place p = place<N>(lanes);
    int begin = blockIdx.x * chunk, end = min(rows, begin + chunk);
    float s1[N] = {}, s2[N] = {};
    if (p.channel < channels) {
        Affine<N> to = trained<N>(mean, inv, gamma, beta, p.channel);
#pragma unroll 2
        for (int r = begin + p.row; r < end; r += p.high) {
            long long at = static_cast<long long>(r) * channels + p.channel;
            Pack<N> g = load<N>(dy + at), v = load<N>(x + at);
#pragma unroll
            for (int j = 0; j < N; j++) {
                float open = gate(to, g[j], v[j], j);
                s1[j] += open;
                s2[j] = fmaf(open, v[j] - to.mean[j], s2[j]);
            }
        }
    }
    join_rows<N>(parts, room, s1, s2, p, channels, lanes);
}

// How many rows a thread reads before it writes the first: dx may be dy.
constexpr int ahead = 2;

// input_gradient is dx = a dy + w (b (x - mean) + k), with a, b, k as norm_gradient_join left them: the contract's formula
// sorted by dy and x, so that an element costs three products. Weight 0 leaves the statistics out, even NaN ones.
template <int N>
__device__ __forceinline__ void input_gradient(float *dx, const float *dy, const float *x, const float *mean, const float *inv,
                                               const float *gamma, const float *beta, const float *coef, const float *weight,
                                               int rows, int per, int channels, int lanes) {
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    Affine<N> to = trained<N>(mean, inv, gamma, beta, p.channel);
    Pack<N> a = to.scale, b = load<N>(coef + p.channel), k = load<N>(coef + channels + p.channel);
    int step = gridDim.x * p.high;
    for (int first = blockIdx.x * p.high + p.row; first < rows; first += ahead * step) {
        Pack<N> g[ahead], v[ahead];
#pragma unroll
        for (int i = 0; i < ahead; i++) {
            long long r = first + i * step;
            if (r < rows) g[i] = load<N>(dy + r * channels + p.channel), v[i] = load<N>(x + r * channels + p.channel);
        }
#pragma unroll
        for (int i = 0; i < ahead; i++) {
            int r = first + i * step;
            if (r >= rows) break;
            float w = weight ? weight[r / per] : 1.0f;
#pragma unroll
            for (int j = 0; j < N; j++) {
                float about = w == 0 ? 0.0f * v[i][j] : w * fmaf(b[j], v[i][j] - to.mean[j], k[j]);
                g[i][j] = fmaf(a[j], gate(to, g[i][j], v[i][j], j), about);
            }
            store(dx + static_cast<long long>(r) * channels + p.channel, g[i]);
        }
    }
}

// eval_backward takes the scale as norm_batch_eval does. y is null where no ReLU followed.
template <int N>
__device__ __forceinline__ void eval_backward(float *dx, const float *dy, const float *y, const float *gamma, const float *variance,
                                              float eps, int rows, int channels, int lanes) {
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    Pack<N> scale = load<N>(gamma + p.channel), v = load<N>(variance + p.channel);
#pragma unroll
    for (int j = 0; j < N; j++) scale[j] /= sqrtf(v[j] + eps);
    int step = gridDim.x * p.high;
    for (int first = blockIdx.x * p.high + p.row; first < rows; first += ahead * step) {
        Pack<N> g[ahead], out[ahead];
#pragma unroll
        for (int i = 0; i < ahead; i++) {
            long long r = first + i * step;
            if (r >= rows) break;
            g[i] = load<N>(dy + r * channels + p.channel);
            if (y) out[i] = load<N>(y + r * channels + p.channel);
        }
#pragma unroll
        for (int i = 0; i < ahead; i++) {
            long long r = first + i * step;
            if (r >= rows) break;
#pragma unroll
            for (int j = 0; j < N; j++) g[i][j] = y && out[i][j] <= 0 ? 0.0f : g[i][j] * scale[j];
            store(dx + r * channels + p.channel, g[i]);
        }
    }
}

}  // namespace

KERNEL_BOUNDS(256, 4, norm_gradient_sums, double *parts, const float *dy, const float *x, const float *mean, const float *inv,
              const float *gamma, const float *beta, int rows, int channels, int lanes, int chunk, int pack) {
    PACKED(pack, gradient_sums, parts, dy, x, mean, inv, gamma, beta, rows, channels, lanes, chunk);
}

// dgamma and dbeta, the coefficients b, k of input_gradient, and the sums dbeta, dgamma [2,channels]; each may be null. A block is 32
// channels, and adds the images' weights for itself; rows is those of an image.
KERNEL_BOUNDS(1024, 1, norm_gradient_join, float *dgamma, float *dbeta, float *coef, double *sums, const double *parts, int count,
              const float *gamma, const float *inv, const float *weight, int images, double rows, int channels) {
    __shared__ batchnorm::Room room;
    double total = rows;
    if (weight) {
        double sum = 0;
        for (int i = threadIdx.x; i < images; i += blockDim.x) sum += weight[i];
        total *= block_sum(sum);
    }
    if (total == 0) total = 1;
    int c = blockIdx.x * 32 + threadIdx.x % 32, at = min(c, channels - 1);
    double db = batchnorm::over_parts(room, count, [=](int i) { return parts[2LL * channels * i + at]; });
    double dg = batchnorm::over_parts(room, count, [=](int i) { return parts[2LL * channels * i + channels + at]; }) * inv[at];
    if (c >= channels || threadIdx.x >= 32) return;
    if (dbeta) dbeta[c] = static_cast<float>(db);
    if (dgamma) dgamma[c] = static_cast<float>(dg);
    if (sums) sums[c] = db, sums[channels + c] = dg;
    if (coef) batchnorm::coefficients(coef, channels, c, gamma[c], inv[c], total, db, dg);
}

KERNEL_BOUNDS(256, 4, norm_gradient_input, float *dx, const float *dy, const float *x, const float *mean, const float *inv,
              const float *gamma, const float *beta, const float *coef, const float *weight, int rows, int per, int channels,
              int lanes, int pack) {
    PACKED(pack, input_gradient, dx, dy, x, mean, inv, gamma, beta, coef, weight, rows, per, channels, lanes);
}

KERNEL_BOUNDS(256, 4, norm_batch_eval_backward, float *dx, const float *dy, const float *y, const float *gamma, const float *variance,
              float eps, int rows, int channels, int lanes, int pack) {
    PACKED(pack, eval_backward, dx, dy, y, gamma, variance, eps, rows, channels, lanes);
}
