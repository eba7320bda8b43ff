// Views of uint8 images through affine maps. One thread makes one output pixel: the four pixels that it mixes are gathered
// through the cache, where neighbours in a warp mostly find the same lines. The result is that of the CPU bit for bit, so
// products are rounded before they are added (__dmul_rn, __fmul_rn), which nvcc would otherwise fuse, and positions are
// double: a few operations for each pixel, hidden behind the loads.
//
// A pixel of three floats would be stored at a stride of 12 bytes, three partly filled transactions in place of one. So a
// warp passes its pixels through shared memory and stores them as one run of neighbours.
#include "../include/kernel.cuh"

namespace augment {

constexpr int kThreads = 256;  // of a block: as many as there are levels

// The image that a thread reads.
struct Image {
    const unsigned char *pixels;
    int h, w;
};

// The map of a row of the output, as augment.Ranges draws it.
struct Map {
    double m[6];
};

// The four source pixels around a position, as offsets into the image, and the weights of the right and the lower ones.
struct Taps {
    long long a, b, c, d;
    float fx, fy;
};

// b/255, or (255-b)/255, by a division that is correctly rounded: once a block, where each byte looks it up.
__device__ __forceinline__ void fill_levels(float *level, int invert) {
    int b = threadIdx.x;
    level[b] = __fdiv_rn(static_cast<float>(invert ? 255 - b : b), 255.0f);
    __syncthreads();
}

// v within [0, hi]; turned so that a NaN becomes 0 and never an index.
__device__ __forceinline__ double clamp(double v, double hi) {
    if (!(v > 0)) return 0;
    return v > hi ? hi : v;
}

// a at f = 0, exactly.
__device__ __forceinline__ float mix(float a, float b, float f) { return __fadd_rn(a, __fmul_rn(f, __fsub_rn(b, a))); }

// Where pixel (x, y) of the view lies in the image.
__device__ __forceinline__ Taps taps(const Image &image, int channels, const Map &map, int x, int y) {
    double column = x, row = y;
    double sx = __dadd_rn(__dmul_rn(map.m[0], column), __dadd_rn(__dmul_rn(map.m[1], row), map.m[2]));
    double sy = __dadd_rn(__dmul_rn(map.m[3], column), __dadd_rn(__dmul_rn(map.m[4], row), map.m[5]));
    sx = clamp(sx, image.w - 1), sy = clamp(sy, image.h - 1);
    int left = static_cast<int>(sx), top = static_cast<int>(sy);
    long long right = left + 1 < image.w ? channels : 0;
    long long down = top + 1 < image.h ? static_cast<long long>(image.w) * channels : 0;
    long long at = (static_cast<long long>(top) * image.w + left) * channels;
    return {at, at + right, at + down, at + down + right, __double2float_rn(__dsub_rn(sx, left)), __double2float_rn(__dsub_rn(sy, top))};
}

__device__ __forceinline__ float sample(const Image &image, const float *level, const Taps &t, int channel) {
    const unsigned char *p = image.pixels + channel;
    float top = mix(level[__ldg(p + t.a)], level[__ldg(p + t.b)], t.fx);
    float bottom = mix(level[__ldg(p + t.c)], level[__ldg(p + t.d)], t.fx);
    return mix(top, bottom, t.fy);
}

__device__ __forceinline__ Map load(const double *matrix, int row) {
    Map map;
#pragma unroll
    for (int i = 0; i < 6; i++) map.m[i] = matrix[row * 6LL + i];
    return map;
}

// The 32 pixels of a warp, from pixel `first` on, of a view of `count` pixels.
template <int C>
__device__ __forceinline__ void warp_pixels(float *dst, float *staged, const Image &image, const float *level, const Map &map, int size,
                                            int first, int count) {
    int lane = threadIdx.x % 32, p = first + lane;
    if (p < count) {
        Taps t = taps(image, C, map, p % size, p / size);
#pragma unroll
        for (int c = 0; c < C; c++) staged[lane * C + c] = sample(image, level, t, c);
    }
    __syncwarp();
    int floats = min(32, count - first) * C;
    for (int i = lane; i < floats; i += 32) dst[static_cast<long long>(first) * C + i] = staged[i];
    __syncwarp();
}

// Rows of the output go along y of the grid, pixels along x. A row whose image does not exist is left out.
template <int C>
__device__ __forceinline__ void views(float *dst, const unsigned char *pixels, const int *index, const double *matrix, int images, int h,
                                      int w, int rows, int size, int invert) {
    __shared__ float level[kThreads];
    __shared__ float staged[kThreads * C];
    fill_levels(level, invert);
    int count = size * size, warp = threadIdx.x / 32;
    for (int r = blockIdx.y; r < rows; r += gridDim.y) {
        int i = index[r];
        if (i < 0 || i >= images) continue;
        Image image = {pixels + static_cast<long long>(i) * h * w * C, h, w};
        Map map = load(matrix, r);
        float *out = dst + static_cast<long long>(r) * count * C;
        for (int first = blockIdx.x * kThreads + warp * 32; first < count; first += gridDim.x * kThreads) {
            warp_pixels<C>(out, staged + warp * 32 * C, image, level, map, size, first, count);
        }
    }
}

}  // namespace augment

KERNEL_BOUNDS(256, 4, augment_views_grey, float *dst, const unsigned char *pixels, const int *index, const double *matrix, int images,
              int h, int w, int rows, int size, int invert) {
    augment::views<1>(dst, pixels, index, matrix, images, h, w, rows, size, invert);
}

KERNEL_BOUNDS(256, 4, augment_views_rgb, float *dst, const unsigned char *pixels, const int *index, const double *matrix, int images,
              int h, int w, int rows, int size, int invert) {
    augment::views<3>(dst, pixels, index, matrix, images, h, w, rows, size, invert);
}

// Any number of channels, each stored by itself: rare, and not worth the shared memory.
KERNEL_BOUNDS(256, 4, augment_views_any, float *dst, const unsigned char *pixels, const int *index, const double *matrix, int images,
              int h, int w, int rows, int size, int invert, int channels) {
    __shared__ float level[augment::kThreads];
    augment::fill_levels(level, invert);
    int count = size * size;
    for (int r = blockIdx.y; r < rows; r += gridDim.y) {
        int i = index[r];
        if (i < 0 || i >= images) continue;
        augment::Image image = {pixels + static_cast<long long>(i) * h * w * channels, h, w};
        augment::Map map = augment::load(matrix, r);
        float *out = dst + static_cast<long long>(r) * count * channels;
        for (int p = blockIdx.x * blockDim.x + threadIdx.x; p < count; p += gridDim.x * blockDim.x) {
            augment::Taps t = augment::taps(image, channels, map, p % size, p / size);
            for (int c = 0; c < channels; c++) out[static_cast<long long>(p) * channels + c] = augment::sample(image, level, t, c);
        }
    }
}
