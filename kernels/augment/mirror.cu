// Images turned left to right: bound by memory. The threads of a warp write side by side and read the same lines.
#include "../include/kernel.cuh"

// y[line,w,c] = x[line,width-1-w,c] for n elements.
KERNEL(augment_mirror, float *y, const float *x, long long n, int width, int channels) {
    long long step = static_cast<long long>(gridDim.x) * blockDim.x, i = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
    for (; i < n; i += step) {
        long long w = i / channels % width;
        y[i] = x[i + (width - 1 - 2 * w) * channels];
    }
}
