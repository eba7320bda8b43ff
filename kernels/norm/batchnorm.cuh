// Shared by the kernels of batch norm: how threads lie over rows and channels, a thread's numbers of its channels, and
// the one formula that forward and backward must round alike. Maps, of x, y and their gradients, are arrays of T, which is float or bfloat;
// whatever is computed of them is float or double.
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

// COLUMNS declares the parameters of an operand: up to four arrays side by side, each some columns of rows that are pitch wide, whose
// pitches are the 16 bits each of x_pitches. IN and AT give a body the operand, and a thread's part of it.
#define COLUMNS(T, x) T *x##0, T *x##1, T *x##2, T *x##3, unsigned long long x##_pitches
#define OPERAND(x) {{x##0, x##1, x##2, x##3}, x##_pitches, ends}

// Columns are a thread's channels in an operand: those of row r begin at at(r).
template <typename T>
struct Columns {
    T *first;
    int pitch;
    __device__ __forceinline__ T *at(int r) const { return first + static_cast<long long>(r) * pitch; }
};

// Operand is what COLUMNS declares. ends are 16 bits each: the channel at which array i ends and i+1 begins; 65535 where there are no more.
template <typename T>
struct Operand {
    T *array[4];
    unsigned long long pitches, ends;

    __device__ __forceinline__ Columns<T> of(int channel) const {
        T *p = array[0];
        int before = 0, pitch = pitches & 0xffff;
#pragma unroll
        for (int i = 1; i < 4; i++) {
            int end = ends >> 16 * (i - 1) & 0xffff;
            if (channel >= end) p = array[i], before = end, pitch = pitches >> 16 * i & 0xffff;
        }
        return {p + static_cast<unsigned>(channel - before), pitch};  // of a signed offset a pack's stores would not become one
    }
};

// threadsAtMost is the size of a block, up to the threads that do not make a row.
constexpr int threadsAtMost = 256;

// add_threads adds the 2 N numbers of each thread in room over the block's rows, in a fixed tree, to those of the first row. All threads
// of the block come here.
template <int N>
__device__ __forceinline__ void add_threads(double *room, const Place &p, int lanes) {
    int t = threadIdx.x;
    for (int step = threadsAtMost / 2; step > 0; step /= 2) {
        if (step >= p.high) continue;
        __syncthreads();
        if (p.row >= step || p.row + step >= p.high) continue;
#pragma unroll
        for (int j = 0; j < 2 * N; j++) room[j * blockDim.x + t] += room[j * blockDim.x + t + step * lanes];
    }
}

// join_rows adds the sums s1 and s2 of a block's rows, each thread's of its channels, in double and in a fixed tree, and leaves them in
// the block's part [2,channels] of parts. room holds 2 N numbers for each thread. All threads of the block come here.
template <int N>
__device__ __forceinline__ void join_rows(double *parts, double *room, const float (&s1)[N], const float (&s2)[N], const Place &p,
                                          int channels, int lanes) {
    int t = threadIdx.x;
#pragma unroll
    for (int j = 0; j < N; j++) room[j * blockDim.x + t] = s1[j], room[(N + j) * blockDim.x + t] = s2[j];
    add_threads<N>(room, p, lanes);
    if (p.row > 0 || p.channel >= channels) return;
    double *to = parts + static_cast<long long>(blockIdx.x) * 2 * channels + p.channel;
#pragma unroll
    for (int j = 0; j < N; j++) to[j] = room[j * blockDim.x + t], to[channels + j] = room[(N + j) * blockDim.x + t];
}

// add_chunks adds the parts of all chunks in one order, and leaves the sums in room, with the first row of threads. All threads of the
// block come here.
template <int N>
__device__ __forceinline__ void add_chunks(double *room, const double *parts, int count, const Place &p, int channels, int lanes) {
    int t = threadIdx.x;
    double sums[2 * N] = {};
    if (p.channel < channels) {
#pragma unroll 2
        for (int i = p.row; i < count; i += p.high) {
            const double *from = parts + 2LL * channels * i + p.channel;
#pragma unroll
            for (int j = 0; j < N; j++) sums[j] += from[j], sums[N + j] += from[channels + j];
        }
    }
#pragma unroll
    for (int j = 0; j < 2 * N; j++) room[j * blockDim.x + t] = sums[j];
    add_threads<N>(room, p, lanes);
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

// last_of_group says, to all threads of a block, whether it is the last of its group of channels to call: what the others wrote before is
// then to be read. counters are zeros, and are left so.
__device__ __forceinline__ bool last_of_group(int *counters) {
    __threadfence();
    __syncthreads();
    bool last = __syncthreads_or(threadIdx.x == 0 && atomicAdd(counters + blockIdx.y, 1) == static_cast<int>(gridDim.x) - 1);
    if (!last) return false;
    __threadfence();
    if (threadIdx.x == 0) counters[blockIdx.y] = 0;
    return true;
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
