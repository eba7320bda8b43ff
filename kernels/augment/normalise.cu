// The normalisation of pixels: bound by memory, so that each thread loads and stores 16 bytes where the arrays allow it.
// Which channel an element belongs to needs no division but the first: a thread's steps are all of one length, and
// the channel moves on by that length's remainder. Reversed channels are fetched one by one: the loads of a warp lie in the same
// lines as its stores do.
#include "../include/kernel.cuh"

namespace augment {

constexpr int kMostChannels = 8;  // as many as the host passes

// The means and the factors of the channels, from the arguments to shared memory: registers cannot be indexed.
struct Channels {
    float mean[kMostChannels], factor[kMostChannels];
};

__device__ __forceinline__ float normalised(float x, const Channels &of, int c) { return (255.0f * x - of.mean[c]) * of.factor[c]; }

__device__ __forceinline__ int next(int c, int channels) { return c + 1 < channels ? c + 1 : 0; }

// y = (255 x - mean) factor for the elements [from, n). With reverse, channel c comes from channel channels-1-c.
__device__ __forceinline__ void normalise_each(float *y, const float *x, const Channels &of, int channels, bool reverse, long long from,
                                               long long n) {
    long long step = static_cast<long long>(gridDim.x) * blockDim.x,
        i = from + blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
    int c = static_cast<int>(i % channels), move = static_cast<int>(step % channels);
    for (; i < n; i += step) {
        y[i] = normalised(x[reverse ? i + channels - 1 - 2 * c : i], of, c);
        c += move;
        if (c >= channels) c -= channels;
    }
}

// The same for groups of four elements.
__device__ __forceinline__ void normalise_fours(float4 *y, const float4 *x, const Channels &of, int channels, long long fours) {
    long long step = static_cast<long long>(gridDim.x) * blockDim.x, i = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
    int c = static_cast<int>(4 * i % channels), move = static_cast<int>(4 * step % channels);
    for (; i < fours; i += step) {
        float4 v = x[i];
        int second = next(c, channels), third = next(second, channels);
        v.x = normalised(v.x, of, c), v.y = normalised(v.y, of, second);
        v.z = normalised(v.z, of, third), v.w = normalised(v.w, of, next(third, channels));
        y[i] = v;
        c += move;
        if (c >= channels) c -= channels;
    }
}

}  // namespace augment

// y may be x, except with reverse. The first 4*fours elements go in groups of four: 0 where the arrays do not start on 16 bytes,
// and with reverse.
KERNEL(augment_normalise, float *y, const float *x, long long n, long long fours, int channels, int reverse, float m0, float m1, float m2,
       float m3, float m4, float m5, float m6, float m7, float f0, float f1, float f2, float f3, float f4, float f5, float f6, float f7) {
    __shared__ augment::Channels of;
    if (threadIdx.x == 0) of = {{m0, m1, m2, m3, m4, m5, m6, m7}, {f0, f1, f2, f3, f4, f5, f6, f7}};
    __syncthreads();
    augment::normalise_fours(reinterpret_cast<float4 *>(y), reinterpret_cast<const float4 *>(x), of, channels, fours);
    augment::normalise_each(y, x, of, channels, reverse != 0, 4 * fours, n);
}
