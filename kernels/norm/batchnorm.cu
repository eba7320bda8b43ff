// Batch norm over the last axis, in two launches: moments of chunks of rows, whose union the last block of each group of channels makes,
// and the map of x to y. Channels may lie in several arrays.
//
// A chunk must be small enough that a few waves of blocks cover the GPU, and large enough that its partial results are
// next to nothing beside x. A thread keeps up to 64 rows' sums in float32, shifted by the first of them, so that the
// mean cancels nothing; sums over threads and chunks are double, some operations for each 64 rows.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"
#include "batchnorm.cuh"

namespace {

using namespace batchnorm;

// Shared is a block's moments in shared memory: the weight, the mean and the weighted sum of squares about it, of the rows of each thread
// in N channels. An array a number, so that neighbours lie in different banks.
template <int N>
struct Shared {
    double *room;
    __device__ __forceinline__ double &weight(int t) { return room[t]; }
    __device__ __forceinline__ double &mean(int j, int t) { return room[(1 + j) * blockDim.x + t]; }
    __device__ __forceinline__ double &squares(int j, int t) { return room[(1 + N + j) * blockDim.x + t]; }

    // clear leaves the moments of no rows.
    __device__ __forceinline__ void clear(int t) {
        weight(t) = 0;
#pragma unroll
        for (int j = 0; j < N; j++) mean(j, t) = squares(j, t) = 0;
    }
};

// gather leaves the moments of rows first, first+step, ... below end in s. Rows of weight 0 are not even read: they may hold anything.
template <int N, bool weighted, typename T>
__device__ __forceinline__ void gather(Shared<N> s, Columns<const T> x, const float *weight, int per, int first, int end, int step) {
    if (weighted) {
        while (first < end && weight[first / per] == 0) first += step;
    }
    if (first >= end) return;
    Pack<N> origin = load<N>(x.at(first));
    float total = 0, s1[N] = {}, s2[N] = {};
#pragma unroll(weighted ? 1 : 4)  // weights leave registers for no more
    for (int r = first; r < end; r += step) {
        float w = weighted ? weight[r / per] : 1.0f;
        if (weighted && w == 0) continue;
        Pack<N> v = load<N>(x.at(r));
        total += w;
#pragma unroll
        for (int j = 0; j < N; j++) {
            float d = v[j] - origin[j], wd = w * d;
            s1[j] += wd;
            s2[j] = fmaf(wd, d, s2[j]);
        }
    }
    int t = threadIdx.x;
    s.weight(t) = total;
    double each = 1 / static_cast<double>(total);
#pragma unroll
    for (int j = 0; j < N; j++) {
        double d = s1[j] * each, q = s2[j] - s1[j] * d;
        s.mean(j, t) = origin[j] + d;
        s.squares(j, t) = q < 0 ? 0 : q;  // a NaN stays
    }
}

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

// join_threads adds the rows of all threads of a block to those of the first row of threads, in a fixed tree.
template <int N>
__device__ __forceinline__ void join_threads(Shared<N> s, const Place &p, int lanes) {
    for (int step = threadsAtMost / 2; step > 0; step /= 2) {
        if (step >= p.high) continue;
        __syncthreads();
        if (p.row < step && p.row + step < p.high) join<N>(s, threadIdx.x, threadIdx.x + step * lanes);
    }
}

// join_chunks makes a thread's moments those of every `high`th chunk, in order, by the rule of join. They stay in shared memory: registers
// are what the rows need.
template <int N>
__device__ __forceinline__ void join_chunks(Shared<N> s, const double *parts, const double *weights, int count, const Place &p,
                                            int channels) {
    int t = threadIdx.x;
    s.clear(t);
    if (p.channel >= channels) return;
#pragma unroll 1
    for (int i = p.row; i < count; i += p.high) {
        double more = weights[i], before = s.weight(t), w = before + more;
        if (more == 0) continue;
        const double *from = parts + 2LL * channels * i + p.channel;
        double part = more / w;
        s.weight(t) = w;
#pragma unroll
        for (int j = 0; j < N; j++) {
            double d = from[j] - s.mean(j, t);
            s.mean(j, t) += d * part;
            s.squares(j, t) += from[channels + j] + d * d * (before * part);
        }
    }
}

// moments leaves the mean and the inverse deviation of each channel, or where all [2,channels] is not null the mean and the squares there.
// weights has a place for each block.
template <int N, typename T>
__device__ __forceinline__ void moments(float *mean, float *inv, double *all, double *parts, double *weights, int *counters,
                                        const Operand<const T> &x, const float *weight, int rows, int per, int channels, int lanes,
                                        int chunk, double eps) {
    SHARED(double, room);
    Shared<N> s = {room};
    Place p = place<N>(lanes);
    int t = threadIdx.x, begin = blockIdx.x * chunk, end = min(rows, begin + chunk);
    bool first = p.row == 0 && p.channel < channels;
    weights += static_cast<long long>(blockIdx.y) * gridDim.x;
    s.clear(t);
    if (p.channel < channels) {
        Columns<const T> from = x.of(p.channel);
        if (weight) gather<N, true>(s, from, weight, per, begin + p.row, end, p.high);
        else gather<N, false>(s, from, weight, per, begin + p.row, end, p.high);
    }
    join_threads<N>(s, p, lanes);
    if (first) {
        double *to = parts + static_cast<long long>(blockIdx.x) * 2 * channels + p.channel;
#pragma unroll
        for (int j = 0; j < N; j++) to[j] = s.mean(j, t), to[channels + j] = s.squares(j, t);
        if (p.lane == 0) weights[blockIdx.x] = s.weight(t);
    }
    if (!last_of_group(counters)) return;
    join_chunks<N>(s, parts, weights, gridDim.x, p, channels);
    join_threads<N>(s, p, lanes);
    if (!first) return;
    double total = s.weight(t);
    if (total == 0) total = 1;  // nothing counts: mean and variance are 0
#pragma unroll
    for (int j = 0; j < N; j++) {
        int c = p.channel + j;
        if (all) all[c] = s.mean(j, t), all[channels + c] = s.squares(j, t);
        else statistics(mean, inv, c, s.mean(j, t), s.squares(j, t) / total, eps);
    }
}

// How many rows a thread loads before it writes the first: y may be x, so the compiler cannot move loads over stores.
constexpr int ahead = 4;

template <int N, typename T>
__device__ __forceinline__ void map_rows(Columns<T> y, Columns<const T> x, const Affine<N> &to, Place p, int rows, int relu) {
    int step = gridDim.x * p.high;
    for (int r = blockIdx.x * p.high + p.row; r < rows; r += ahead * step) {
        Pack<N> v[ahead];
#pragma unroll
        for (int k = 0; k < ahead; k++) {
            if (r + k * step < rows) v[k] = load<N>(x.at(r + k * step));
        }
#pragma unroll
        for (int k = 0; k < ahead; k++) {
            if (r + k * step >= rows) break;
#pragma unroll
            for (int j = 0; j < N; j++) {
                float out = to(v[k][j], j);
                v[k][j] = relu && out <= 0 ? 0.0f : out;
            }
            store(y.at(r + k * step), v[k]);
        }
    }
}

template <int N, typename T>
__device__ __forceinline__ void apply(const Operand<T> &y, const Operand<const T> &x, const float *mean, const float *inv,
                                      const float *gamma, const float *beta, int rows, int channels, int lanes, int relu) {
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    map_rows<N>(y.of(p.channel), x.of(p.channel), trained<N>(mean, inv, gamma, beta, p.channel), p, rows, relu);
}

// Scales are taken in float32: they would be rounded to it anyway, and every thread of the grid computes its own.
template <int N, typename T>
__device__ __forceinline__ void eval(T *y, const T *x, const float *mean, const float *variance, const float *gamma,
                                     const float *beta, float eps, int rows, int channels, int lanes, int relu) {
    Place p = place<N>(lanes);
    if (p.channel >= channels) return;
    Affine<N> to = {load<N>(mean + p.channel), load<N>(gamma + p.channel), load<N>(beta + p.channel)};
    Pack<N> v = load<N>(variance + p.channel);
#pragma unroll
    for (int j = 0; j < N; j++) to.scale[j] /= sqrtf(v[j] + eps);
    map_rows<N, T>({y + p.channel, channels}, {x + p.channel, channels}, to, p, rows, relu);
}

}  // namespace

#define NORM_MOMENTS(name, T)                                                                                                    \
    KERNEL_BOUNDS(256, 4, name, float *mean, float *inv, double *all, double *parts, double *weights, int *counters,             \
                  COLUMNS(const T, x), unsigned long long ends, const float *weight, int rows, int per, int channels, int lanes, \
                  int chunk, double eps, int pack) {                                                                             \
        batchnorm::Operand<const T> from = OPERAND(x);                                                                           \
        PACKED(pack, moments, mean, inv, all, parts, weights, counters, from, weight, rows, per, channels, lanes, chunk, eps);   \
    }
STORED(NORM_MOMENTS, norm_batch_moments)

#define NORM_APPLY(name, T)                                                                                                       \
    KERNEL_BOUNDS(256, 4, name, COLUMNS(T, y), COLUMNS(const T, x), unsigned long long ends, const float *mean, const float *inv, \
                  const float *gamma, const float *beta, int rows, int channels, int lanes, int relu, int pack) {                 \
        batchnorm::Operand<T> to = OPERAND(y);                                                                                    \
        batchnorm::Operand<const T> from = OPERAND(x);                                                                            \
        PACKED(pack, apply, to, from, mean, inv, gamma, beta, rows, channels, lanes, relu);                                       \
    }
STORED(NORM_APPLY, norm_batch_apply)

#define NORM_EVAL(name, T)                                                                                                         \
    KERNEL_BOUNDS(256, 4, name, T *y, const T *x, const float *mean, const float *variance, const float *gamma, const float *beta, \
                  float eps, int rows, int channels, int lanes, int relu, int pack) {                                              \
        PACKED(pack, eval, y, x, mean, variance, gamma, beta, eps, rows, channels, lanes, relu);                                   \
    }
STORED(NORM_EVAL, norm_batch_eval)
