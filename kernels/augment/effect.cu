// Effects on the pixels of views, in place. A block makes one view at a time, since a blur reads what other threads wrote and a mean needs
// all pixels: a barrier in the block is then enough between two steps, and a view of 224 x 224 x 3 (600 kB) stays in the L2 cache over all
// of them. The blur is separable: rows go to a second view, columns come back. The result is that of the CPU bit for bit, so products are
// rounded before they are added, and means are sums of lanes in double, added by a tree.
#include "../include/kernel.cuh"
#include "jitter.cuh"

namespace augment {

constexpr int kLanes = 512;  // threads of a block: effectLanes of the host
constexpr int kEffectFloats = 48, kGrey = 0, kRadius = 1, kBox = 2, kColours = 6, kWeights = 14;  // of a row: as on the host

struct Pixels {
    float *x;
    int size, channels;
    __device__ __forceinline__ int count() const { return size * size; }
};

// The sum of all lanes' values.
__device__ __forceinline__ double lanes_sum(double value, double *lanes) {
    lanes[threadIdx.x] = value;
    __syncthreads();
    for (int half = kLanes / 2; half > 0; half /= 2) {
        if (static_cast<int>(threadIdx.x) < half) lanes[threadIdx.x] += lanes[threadIdx.x + half];
        __syncthreads();
    }
    double sum = lanes[0];
    __syncthreads();
    return sum;
}

// The mean over all pixels of what `level` gives for one, as on the host.
template <typename Level> __device__ __forceinline__ float mean_of(const Pixels &v, double *lanes, Level level) {
    double sum = 0;
    for (int p = threadIdx.x; p < v.count(); p += kLanes) sum += level(v.x + static_cast<long long>(p) * v.channels);
    return __double2float_rn(lanes_sum(sum, lanes) / v.count());
}

__device__ __forceinline__ void jitter(const Pixels &v, const float *colours, double *lanes) {
    for (int i = 0; i < 4; i++) {
        int change = static_cast<int>(colours[2 * i]);
        float by = colours[2 * i + 1], share = 0;
        if (change == 0 || (v.channels == 1 && change > kContrast)) continue;
        if (change == kContrast) {
            float mean = mean_of(v, lanes, [&](const float *at) { return v.channels == 3 ? luma(at) : at[0]; });
            share = __fmul_rn(__fsub_rn(1, by), mean);
        }
        for (int p = threadIdx.x; p < v.count(); p += kLanes) {
            float *at = v.x + static_cast<long long>(p) * v.channels;
            if (change == kHue) {
                turn_hue(at, by);
                continue;
            }
            blend(at, v.channels, by, change == kSaturation ? __fmul_rn(__fsub_rn(1, by), luma(at)) : share);
        }
    }
    __syncthreads();
}

__device__ __forceinline__ void grey(const Pixels &v) {
    for (int p = threadIdx.x; p < v.count(); p += kLanes) {
        float *at = v.x + 3LL * p, l = luma(at);
        at[0] = l, at[1] = l, at[2] = l;
    }
    __syncthreads();
}

// i, or the place of the pixel mirrored at the first or the last of n.
__device__ __forceinline__ int reflect(int i, int n) {
    if (i < 0) return -i;
    return i >= n ? 2 * (n - 1) - i : i;
}

// The weighted sum around pixel i of a line of n that begins at x.
__device__ __forceinline__ float weighted(const float *x, int i, int n, int stride, const float *weights, int radius) {
    float sum = __fmul_rn(weights[0], x[static_cast<long long>(i) * stride]);
    for (int j = 1; j <= radius; j++) {
        float before = x[static_cast<long long>(reflect(i - j, n)) * stride], after = x[static_cast<long long>(reflect(i + j, n)) * stride];
        sum = __fadd_rn(sum, __fmul_rn(weights[j], __fadd_rn(before, after)));
    }
    return sum;
}

__device__ __forceinline__ void blur(const Pixels &v, float *between, const float *weights, int radius) {
    int line = v.size * v.channels, n = v.size * line;
    for (int i = threadIdx.x; i < n; i += kLanes) {
        int y = i / line, x = i % line / v.channels, c = i % v.channels;
        between[i] = weighted(v.x + static_cast<long long>(y) * line + c, x, v.size, v.channels, weights, radius);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += kLanes) v.x[i] = weighted(between + i % line, i / line, v.size, line, weights, radius);
    __syncthreads();
}

__device__ __forceinline__ void cover(const Pixels &v, const float *box, double *lanes) {
    int left = static_cast<int>(box[0]), top = static_cast<int>(box[1]), width = static_cast<int>(box[2]),
        height = static_cast<int>(box[3]);
    if (width < 1 || height < 1) return;
    for (int c = 0; c < v.channels; c++) {
        float mean = mean_of(v, lanes, [&](const float *at) { return at[c]; });
        for (int i = threadIdx.x; i < width * height; i += kLanes) {
            long long p = static_cast<long long>(top + i / width) * v.size + left + i % width;
            v.x[p * v.channels + c] = mean;
        }
    }
    __syncthreads();
}

}  // namespace augment

// Blocks go over the views; `between` has room for a view of each block.
KERNEL_BOUNDS(512, 2, augment_effects, float *dst, float *between, const float *rows, int n, int size, int channels) {
    __shared__ double lanes[augment::kLanes];
    __shared__ float row[augment::kEffectFloats];
    long long view = static_cast<long long>(size) * size * channels;
    for (int r = blockIdx.x; r < n; r += gridDim.x) {
        const float *of = rows + static_cast<long long>(r) * augment::kEffectFloats;
        for (int i = threadIdx.x; i < augment::kEffectFloats; i += augment::kLanes) row[i] = of[i];
        __syncthreads();
        augment::Pixels v = {dst + r * view, size, channels};
        int radius = static_cast<int>(row[augment::kRadius]);
        if (channels == 1 || channels == 3) augment::jitter(v, row + augment::kColours, lanes);
        if (row[augment::kGrey] != 0 && channels == 3) augment::grey(v);
        if (radius > 0) augment::blur(v, between + blockIdx.x * view, row + augment::kWeights, radius);
        augment::cover(v, row + augment::kBox, lanes);
        __syncthreads();  // before the next view's row
    }
}
