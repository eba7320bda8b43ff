// Sums over rows for each column, in two launches: chunks of rows, and their union. Layer norm's and the channel scale's
// gradients of their parameters are such sums.
#include "../include/kernel.cuh"
#include "batchnorm.cuh"

namespace {

using namespace batchnorm;

// sums_of_chunk leaves the sums of dy and of dy h over a chunk, with h = (x - mean) inv by each row's mean and inv, or h = x where
// mean is null. A thread adds up to 64 rows in float32, the block its threads in double.
template <int N, typename T>
__device__ __forceinline__ void sums_of_chunk(double *parts, const T *dy, const T *x, const float *mean, const float *inv,
                                            int rows, int channels, int lanes, int chunk) {
    SHARED(double, room);
    Place p = place<N>(lanes);
    int begin = blockIdx.x * chunk, end = min(rows, begin + chunk);
    float s1[N] = {}, s2[N] = {};
    if (p.channel < channels) {
#pragma unroll 2
        for (int r = begin + p.row; r < end; r += p.high) {
            long long at = static_cast<long long>(r) * channels + p.channel;
            Pack<N> g = load<N>(dy + at), v = load<N>(x + at);
            float m = mean ? mean[r] : 0, scale = mean ? inv[r] : 1;
#pragma unroll
            for (int j = 0; j < N; j++) {
                s1[j] += g[j];
                s2[j] = fmaf(g[j], (v[j] - m) * scale, s2[j]);
            }
        }
    }
    join_rows<N>(parts, room, s1, s2, p, channels, lanes);
}

}  // namespace

#define NORM_COLUMN_SUMS(name, T)                                                                                               \
    KERNEL_BOUNDS(256, 4, name, double *parts, const T *dy, const T *x, const float *mean, const float *inv, int rows,          \
                  int channels, int lanes, int chunk, int pack) {                                                               \
        PACKED(pack, sums_of_chunk, parts, dy, x, mean, inv, rows, channels, lanes, chunk);                                     \
    }
STORED(NORM_COLUMN_SUMS, norm_column_sums)

// plain and weighted (or null) get the sums of dy and of dy h. A block is 32 channels.
KERNEL_BOUNDS(1024, 1, norm_column_join, float *plain, float *weighted, const double *parts, int count, int channels) {
    __shared__ batchnorm::Room room;
    int c = blockIdx.x * 32 + threadIdx.x % 32, at = min(c, channels - 1);
    double s1 = batchnorm::over_parts(room, count, [=](int i) { return parts[2LL * channels * i + at]; });
    double s2 = batchnorm::over_parts(room, count, [=](int i) { return parts[2LL * channels * i + channels + at]; });
    if (c >= channels || threadIdx.x >= 32) return;
    if (plain) plain[c] = static_cast<float>(s1);
    if (weighted) weighted[c] = static_cast<float>(s2);
}
