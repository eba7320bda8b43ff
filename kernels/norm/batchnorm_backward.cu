// The gradient of batch norm in training, in two launches, and in evaluation, in one. In training: sums over chunks of rows, which the last
// block of each group of channels adds up, and the gradient of x. Both read dy and x once each; where ReLU let x through is computed again
// instead of read from y.
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

// Wanted is where sums over all rows go, each may be null: dgamma, dbeta, the coefficients b, k of input_gradient, and dbeta, dgamma
// [2,channels] in double.
struct Wanted {
    float *dgamma, *dbeta, *coef;
    double *sums;
};

// gradient_sums leaves the sums of dy and of dy (x - mean) over a chunk in parts, and those of all chunks in to. A thread adds up to 64
// rows in float32, the block its threads in double. total is the weight of all rows.
template <int N, typename T>
__device__ __forceinline__ void gradient_sums(const Wanted &to, double *parts, int *counters, const Operand<const T> &dy,
                                              const Operand<const T> &x, const float *mean, const float *inv, const float *gamma,
                                              const float *beta, const float *weight, int images, double total, int rows, int channels,
                                              int lanes, int chunk) {
    SHARED(double, room);
    Place p = place<N>(lanes);
    int begin = blockIdx.x * chunk, end = min(rows, begin + chunk);
    float s1[N] = {}, s2[N] = {};
    if (p.channel < channels) {
        Affine<N> map = trained<N>(mean, inv, gamma, beta, p.channel);
        Columns<const T> from = x.of(p.channel), above = dy.of(p.channel);
#pragma unroll 2
        for (int r = begin + p.row; r < end; r += p.high) {
            Pack<N> g = load<N>(above.at(r)), v = load<N>(from.at(r));
#pragma unroll
            for (int j = 0; j < N; j++) {
                float open = gate(map, g[j], v[j], j);
                s1[j] += open;
                s2[j] = fmaf(open, v[j] - map.mean[j], s2[j]);
            }
        }
    }
    join_rows<N>(parts, room, s1, s2, p, channels, lanes);
    if (!last_of_group(counters)) return;
    add_chunks<N>(room, parts, gridDim.x, p, channels, lanes);
    if (p.row > 0 || p.channel >= channels) return;
    if (weight) {
        double sum = 0;
        for (int i = 0; i < images; i++) sum += weight[i];
        total *= sum;
    }
    if (total == 0) total = 1;
    int t = threadIdx.x;
#pragma unroll
    for (int j = 0; j < N; j++) {
        int c = p.channel + j;
        double db = room[j * blockDim.x + t], dg = room[(N + j) * blockDim.x + t] * inv[c];
        if (to.dbeta) to.dbeta[c] = static_cast<float>(db);
        if (to.dgamma) to.dgamma[c] = static_cast<float>(dg);
        if (to.sums) to.sums[c] = db, to.sums[channels + c] = dg;
        if (to.coef) coefficients(to.coef, channels, c, gamma[c], inv[c], total, db, dg);
    }
}

// How many rows a thread reads before it writes the first: dx may be dy. Weights leave registers for one.
constexpr int ahead = 2, ahead_weighted = 1;

// input_gradient is dx = a dy + w (b (x - mean) + k), with a, b, k as norm_gradient_sums left them: the contract's formula
// sorted by dy and x, so that an element costs three products. Weight 0 leaves the statistics out, even NaN ones.
template <int N, bool weighted, typename T>
__device__ __forceinline__ void input_rows(const Operand<T> &dx, const Operand<const T> &dy, const Operand<const T> &x,
                                           const float *mean, const float *inv, const float *gamma, const float *beta,
                                           const float *coef, const float *weight, int rows, int per, int channels, int lanes) {
    constexpr int many = weighted ? ahead_weighted : ahead;
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    Affine<N> map = trained<N>(mean, inv, gamma, beta, p.channel);
    Pack<N> a = map.scale, b = load<N>(coef + p.channel), k = load<N>(coef + channels + p.channel);
    Columns<T> to = dx.of(p.channel);
    Columns<const T> from = x.of(p.channel), above = dy.of(p.channel);
    int step = gridDim.x * p.high;
    for (int first = blockIdx.x * p.high + p.row; first < rows; first += many * step) {
        Pack<N> g[many], v[many];
#pragma unroll
        for (int i = 0; i < many; i++) {
            int r = first + i * step;
            if (r < rows) g[i] = load<N>(above.at(r)), v[i] = load<N>(from.at(r));
        }
#pragma unroll
        for (int i = 0; i < many; i++) {
            int r = first + i * step;
            if (r >= rows) break;
            float w = weighted ? weight[r / per] : 1.0f;
#pragma unroll
            for (int j = 0; j < N; j++) {
                float about = w == 0 ? 0.0f * v[i][j] : w * fmaf(b[j], v[i][j] - map.mean[j], k[j]);
                g[i][j] = fmaf(a[j], gate(map, g[i][j], v[i][j], j), about);
            }
            store(to.at(r), g[i]);
        }
    }
}

template <int N, typename T>
__device__ __forceinline__ void input_gradient(const Operand<T> &dx, const Operand<const T> &dy, const Operand<const T> &x,
                                               const float *mean, const float *inv, const float *gamma, const float *beta,
                                               const float *coef, const float *weight, int rows, int per, int channels, int lanes) {
    if (weight) input_rows<N, true>(dx, dy, x, mean, inv, gamma, beta, coef, weight, rows, per, channels, lanes);
    else input_rows<N, false>(dx, dy, x, mean, inv, gamma, beta, coef, weight, rows, per, channels, lanes);
}

// eval_backward takes the scale as norm_batch_eval does. y is null where no ReLU followed.
template <int N, typename T>
__device__ __forceinline__ void eval_backward(T *dx, const T *dy, const T *y, const float *gamma, const float *variance, float eps,
                                              int rows, int channels, int lanes) {
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

// total is the rows of an image that has a weight, or of all where weight is null.
#define NORM_SUMS(name, T)                                                                                                           \
    KERNEL_BOUNDS(256, 4, name, float *dgamma, float *dbeta, float *coef, double *sums, double *parts, int *counters,                \
                  COLUMNS(const T, dy), COLUMNS(const T, x), unsigned long long ends, const float *mean, const float *inv,           \
                  const float *gamma, const float *beta, const float *weight, int images, double total, int rows, int channels,      \
                  int lanes, int chunk, int pack) {                                                                                  \
        batchnorm::Operand<const T> above = OPERAND(dy), from = OPERAND(x);                                                          \
        Wanted to = {dgamma, dbeta, coef, sums};                                                                                     \
        PACKED(pack, gradient_sums, to, parts, counters, above, from, mean, inv, gamma, beta, weight, images, total, rows, channels, \
               lanes, chunk);                                                                                                        \
    }
STORED(NORM_SUMS, norm_gradient_sums)

#define NORM_INPUT(name, T)                                                                                                           \
    KERNEL_BOUNDS(256, 4, name, COLUMNS(T, dx), COLUMNS(const T, dy), COLUMNS(const T, x), unsigned long long ends,                   \
                  const float *mean, const float *inv, const float *gamma, const float *beta, const float *coef, const float *weight, \
                  int rows, int per, int channels, int lanes, int pack) {                                                             \
        batchnorm::Operand<T> to = OPERAND(dx);                                                                                       \
        batchnorm::Operand<const T> above = OPERAND(dy), from = OPERAND(x);                                                           \
        PACKED(pack, input_gradient, to, above, from, mean, inv, gamma, beta, coef, weight, rows, per, channels, lanes);              \
    }
STORED(NORM_INPUT, norm_gradient_input)

#define NORM_EVAL_BACKWARD(name, T)                                                                                             \
    KERNEL_BOUNDS(256, 4, name, T *dx, const T *dy, const T *y, const float *gamma, const float *variance, float eps, int rows, \
                  int channels, int lanes, int pack) {                                                                          \
        PACKED(pack, eval_backward, dx, dy, y, gamma, variance, eps, rows, channels, lanes);                                    \
    }
STORED(NORM_EVAL_BACKWARD, norm_batch_eval_backward)
