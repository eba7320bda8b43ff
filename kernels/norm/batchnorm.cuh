// Shared by the kernels of batch norm: how threads lie over rows and channels, a thread's numbers of its channels, and
// the one formula that forward and backward must round alike.
#pragma once
#include "../include/pack.cuh"

namespace batchnorm {

// Threads lie flat over memory: a block is `lanes` packs of channels wide and as many rows high as its threads allow.
// With any number of channels, neighbouring threads then read neighbouring addresses, and each thread keeps
// its channels for all rows. blockIdx.y tells the groups of channels that are wider than a block.
struct Place {
    int lane, row, high;  // the thread's pack in the block, its row in the block, and the block's rows
    int channel;          // first of the thread's channels; none of its own where it is not below the number of channels
};

template <int N>
__device__ __forceinline__ Place place(int lanes) {
    int lane = threadIdx.x % lanes;
    return {lane, static_cast<int>(threadIdx.x) / lanes, static_cast<int>(blockDim.x) / lanes,
            static_cast<int>(blockIdx.y * lanes + lane) * N};
}

// threadsAtMost is the size of a block, up to the threads that do not make a row.
constexpr int threadsAtMost = 256;

// join_rows adds the sums s1 and s2 of a block's rows, each thread's of its channels, in double and in a fixed tree, and leaves them in
// the block's part [2,channels] of parts. room holds 2 N numbers for each thread. All threads of the block come here.
template <int N>
__device__ __forceinline__ void join_rows(double *parts, double *room, const float (&s1)[N], const float (&s2)[N], const Place &p,
                                          int channels, int lanes) {
    int t = threadIdx.x;
#pragma unroll
    for (int j = 0; j < N; j++) room[j * blockDim.x + t] = s1[j], room[(N + j) * blockDim.x + t] = s2[j];
    for (int step = threadsAtMost / 2; step > 0; step /= 2) {
        if (step >= p.high) continue;
        __syncthreads();
        if (p.row >= step || p.row + step >= p.high) continue;
#pragma unroll
        for (int j = 0; j < 2 * N; j++) room[j * blockDim.x + t] += room[j * blockDim.x + t + step * lanes];
    }
    if (p.row > 0 || p.channel >= channels) return;
    double *to = parts + static_cast<long long>(blockIdx.x) * 2 * channels + p.channel;
#pragma unroll
    for (int j = 0; j < N; j++) to[j] = room[j * blockDim.x + t], to[channels + j] = room[(N + j) * blockDim.x + t];
}

// Affine maps x to y in a thread's channels.
template <int N>
struct Affine {
    Pack<N> mean, scale, beta;

    // One fma after the difference, spelled out: ReLU's gate, which backward computes again, must fall where forward's fell.
    __device__ __forceinline__ float operator()(float x, int j) const { return fmaf(x - mean[j], scale[j], beta[j]); }
};

// trained takes scale = gamma inv. A null beta stands for +inf: then y is never 0 or less, and no gate closes.
template <int N>
__device__ __forceinline__ Affine<N> trained(const float *mean, const float *inv, const float *gamma, const float *beta,
                                             int channel) {
    Affine<N> a = {load<N>(mean + channel), load<N>(inv + channel), beta ? load<N>(beta + channel) : filled<N>(INFINITY)};
    Pack<N> g = load<N>(gamma + channel);
#pragma unroll
    for (int j = 0; j < N; j++) a.scale[j] *= g[j];
    return a;
}

// Room is where over_parts puts a number for each warp and channel.
typedef double Room[32][32];

// over_parts adds what f gives for each of `parts` partial results: warp w of the block takes parts w, w+32, ..., lane l
// channel l. All threads get their channel's sum, added in one order. The block is 32 warps.
template <typename F>
__device__ __forceinline__ double over_parts(Room &room, int parts, F f) {
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    double sum = 0;
#pragma unroll 4
    for (int i = warp; i < parts; i += 32) sum += f(i);
    __syncthreads();
    room[warp][lane] = sum;
    __syncthreads();
    sum = 0;
    for (int i = 0; i < 32; i++) sum += room[i][lane];
    return sum;
}

// statistics leaves a channel's mean and inverse deviation.
__device__ __forceinline__ void statistics(float *mean, float *inv, int c, double m, double variance, double eps) {
    mean[c] = static_cast<float>(m);
    inv[c] = static_cast<float>(1 / sqrt(variance + eps));
}

// coefficients leaves a channel's b and k of input_gradient in coef [2,channels], from its sums of dy and of dy xhat over rows of that
// total weight.
__device__ __forceinline__ void coefficients(float *coef, int channels, int c, float gamma, float inv, double total, double db,
                                             double dg) {
    double a = -static_cast<double>(gamma) * inv / total;
    coef[c] = static_cast<float>(a * inv * dg);
    coef[channels + c] = static_cast<float>(a * db);
}

}  // namespace batchnorm
