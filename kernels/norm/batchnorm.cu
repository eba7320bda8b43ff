// Batch norm over the last axis, in three launches: moments of chunks of rows, their union, and the map of x to y.
//
// A chunk must be small enough that a few waves of blocks cover the GPU, and large enough that its partial results are
// next to nothing beside x. A thread keeps up to 64 rows' sums in float32, shifted by the first of them, so that the
// mean cancels nothing; sums over threads and chunks are double, some operations for each 64 rows.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"
#include "batchnorm.cuh"

namespace {

using namespace batchnorm;

// Moments are the weight, the mean and the weighted sum of squares about it, of some rows in N channels.
template <int N>
struct Moments {
    double weight, mean[N], squares[N];
};

// gather takes rows first, first+step, ... below end. Rows of weight 0 are not even read: they may hold anything.
template <int N, bool weighted>
__device__ __forceinline__ Moments<N> gather(const float *x, const float *weight, int per, int first, int end, int step,
                                             int channels) {
    Moments<N> m = {};
    if (weighted) {
        while (first < end && weight[first / per] == 0) first += step;
    }
    if (first >= end) return m;
    Pack<N> origin = load<N>(x + static_cast<long long>(first) * channels);
    float total = 0, s1[N] = {}, s2[N] = {};
#pragma unroll 4
    for (int r = first; r < end; r += step) {
        float w = weighted ? weight[r / per] : 1.0f;
        if (weighted && w == 0) continue;
        Pack<N> v = load<N>(x + static_cast<long long>(r) * channels);
        total += w;
#pragma unroll
        for (int j = 0; j < N; j++) {
            float d = v[j] - origin[j], wd = w * d;
            s1[j] += wd;
            s2[j] = fmaf(wd, d, s2[j]);
        }
    }
    m.weight = total;
    double each = 1 / m.weight;
#pragma unroll
    for (int j = 0; j < N; j++) {
        double d = s1[j] * each, q = s2[j] - s1[j] * d;
        m.mean[j] = origin[j] + d;
        m.squares[j] = q < 0 ? 0 : q;  // a NaN stays
    }
    return m;
}

// Shared is a block's moments in shared memory, one array a number, so that neighbours lie in different banks.
template <int N>
struct Shared {
    double *room;
    __device__ __forceinline__ double &weight(int t) { return room[t]; }
    __device__ __forceinline__ double &mean(int j, int t) { return room[(1 + j) * blockDim.x + t]; }
    __device__ __forceinline__ double &squares(int j, int t) { return room[(1 + N + j) * blockDim.x + t]; }
};

// join adds the rows of thread b to those of thread a (Chan's rule). Moments of weight 0 have mean 0 and change nothing.
template <int N>
__device__ __forceinline__ void join(Shared<N> s, int a, int b) {
    double wa = s.weight(a), wb = s.weight(b), w = wa + wb;
    if (wb == 0) return;
    double part = wb / w;
    s.weight(a) = w;
#pragma unroll
    for (int j = 0; j < N; j++) {
        double d = s.mean(j, b) - s.mean(j, a);
        s.mean(j, a) += d * part;
        s.squares(j, a) += s.squares(j, b) + d * d * (wa * part);
    }
}

template <int N>
__device__ __forceinline__ void moments(double *parts, double *weights, const float *x, const float *weight, int rows, int per,
                                        int channels, int lanes, int chunk) {
    SHARED(double, room);
    Shared<N> s = {room};
    Place p = place<N>(lanes);
    int t = threadIdx.x, begin = blockIdx.x * chunk, end = min(rows, begin + chunk);
    Moments<N> m = {};
    if (p.channel < channels) {
        const float *from = x + p.channel;
        m = weight ? gather<N, true>(from, weight, per, begin + p.row, end, p.high, channels)
                   : gather<N, false>(from, weight, per, begin + p.row, end, p.high, channels);
    }
    s.weight(t) = m.weight;
#pragma unroll
    for (int j = 0; j < N; j++) s.mean(j, t) = m.mean[j], s.squares(j, t) = m.squares[j];
    for (int step = threadsAtMost / 2; step > 0; step /= 2) {
        if (step >= p.high) continue;
        __syncthreads();
        if (p.row < step && p.row + step < p.high) join<N>(s, t, t + step * lanes);
    }
    if (p.row > 0 || p.channel >= channels) return;
    double *to = parts + static_cast<long long>(blockIdx.x) * 2 * channels + p.channel;
#pragma unroll
    for (int j = 0; j < N; j++) to[j] = s.mean(j, t), to[channels + j] = s.squares(j, t);
    if (p.channel == 0) weights[blockIdx.x] = s.weight(t);
}

// How many rows a thread loads before it writes the first: y may be x, so the compiler cannot move loads over stores.
constexpr int ahead = 4;

template <int N>
__device__ __forceinline__ void map_rows(float *y, const float *x, Affine<N> to, Place p, int rows, int channels, int relu) {
    int step = gridDim.x * p.high;
    for (int r = blockIdx.x * p.high + p.row; r < rows; r += ahead * step) {
        Pack<N> v[ahead];
#pragma unroll
        for (int k = 0; k < ahead; k++) {
            if (r + k * step < rows) v[k] = load<N>(x + static_cast<long long>(r + k * step) * channels);
        }
#pragma unroll
        for (int k = 0; k < ahead; k++) {
            if (r + k * step >= rows) break;
#pragma unroll
            for (int j = 0; j < N; j++) {
                float out = to(v[k][j], j);
                v[k][j] = relu && out <= 0 ? 0.0f : out;
            }
            store(y + static_cast<long long>(r + k * step) * channels, v[k]);
        }
    }
}

template <int N>
__device__ __forceinline__ void apply(float *y, const float *x, const float *mean, const float *inv, const float *gamma,
                                      const float *beta, int rows, int channels, int lanes, int relu) {
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    map_rows<N>(y + p.channel, x + p.channel, trained<N>(mean, inv, gamma, beta, p.channel), p, rows, channels, relu);
}

// Scales are taken in float32: they would be rounded to it anyway, and every thread of the grid computes its own.
template <int N>
__device__ __forceinline__ void eval(float *y, const float *x, const float *mean, const float *variance, const float *gamma,
                                     const float *beta, float eps, int rows, int channels, int lanes, int relu) {
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    Affine<N> to = {load<N>(mean + p.channel), load<N>(gamma + p.channel), load<N>(beta + p.channel)};
    Pack<N> v = load<N>(variance + p.channel);
#pragma unroll
    for (int j = 0; j < N; j++) to.scale[j] /= sqrtf(v[j] + eps);
    map_rows<N>(y + p.channel, x + p.channel, to, p, rows, channels, relu);
}

}  // namespace

KERNEL_BOUNDS(256, 4, norm_batch_moments, double *parts, double *weights, const float *x, const float *weight, int rows, int per,
              int channels, int lanes, int chunk, int pack) {
    PACKED(pack, moments, parts, weights, x, weight, rows, per, channels, lanes, chunk);
}

// First the mean of all chunks, then the squares about it: the parts are few enough to be read twice. Where all [2,channels] is not
// null, both are left there, and not in mean and inv.
KERNEL_BOUNDS(1024, 1, norm_batch_join, float *mean, float *inv, double *all, const double *parts, const double *weights, int count,
              int channels, double eps) {
    __shared__ batchnorm::Room room;
    int c = blockIdx.x * 32 + threadIdx.x % 32, at = min(c, channels - 1);
    double total = batchnorm::over_parts(room, count, [=](int i) { return weights[i]; });
    if (total == 0) total = 1;  // nothing counts: mean and variance are 0
    double m = batchnorm::over_parts(room, count, [=](int i) { return weights[i] * parts[2LL * channels * i + at]; }) / total;
    double v = batchnorm::over_parts(room, count, [=](int i) {
        double d = parts[2LL * channels * i + at] - m;
        return parts[2LL * channels * i + channels + at] + weights[i] * d * d;
    });
    if (c >= channels || threadIdx.x >= 32) return;
    if (all) all[c] = m, all[channels + c] = v;
    else batchnorm::statistics(mean, inv, c, m, v / total, eps);
}

KERNEL_BOUNDS(256, 4, norm_batch_apply, float *y, const float *x, const float *mean, const float *inv, const float *gamma,
              const float *beta, int rows, int channels, int lanes, int relu, int pack) {
    PACKED(pack, apply, y, x, mean, inv, gamma, beta, rows, channels, lanes, relu);
}

KERNEL_BOUNDS(256, 4, norm_batch_eval, float *y, const float *x, const float *mean, const float *variance, const float *gamma,
              const float *beta, float eps, int rows, int channels, int lanes, int relu, int pack) {
    PACKED(pack, eval, y, x, mean, variance, gamma, beta, eps, rows, channels, lanes, relu);
}

// A thread a channel; each block adds the images' weights for itself. The skip flag is known to the device alone.
KERNEL(norm_batch_running, float *mean, float *variance, const float *new_mean, const float *new_inv, const float *weight,
       int images, double rows, int channels, double eps, double momentum, const int *skip) {
    if (skip && *skip != 0) return;
    double n = rows;
    if (weight) {
        double sum = 0;
        for (int i = threadIdx.x; i < images; i += blockDim.x) sum += weight[i];
        n *= block_sum(sum);
    }
    int c = blockIdx.x * blockDim.x + threadIdx.x;
    if (c >= channels || n == 0) return;
    double inv = new_inv[c], v = 1 / (inv * inv) - eps;
    if (v < 0) v = 0;
    if (n > 1) v *= n / (n - 1);
    mean[c] = static_cast<float>((1 - momentum) * mean[c] + momentum * new_mean[c]);
    variance[c] = static_cast<float>((1 - momentum) * variance[c] + momentum * v);
}
