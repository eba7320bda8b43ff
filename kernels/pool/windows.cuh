// Windows over maps [n,h,w,c], and how threads lie over them (kernels.Lines): a line is one row of pixels of one image, a
// place in it one pack of channels of one pixel.
#pragma once
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace window {

struct Range {
    int lo, hi;  // [lo, hi)
};

struct Windows {
    int n, h, w, c, oh, ow, kernel, stride, pad;

    // window is the part of output i's window that lies in the map, along an axis of size pixels.
    __device__ __forceinline__ Range window(int i, int size) const {
        int start = i * stride - pad;
        return {max(start, 0), min(start + kernel, size)};
    }

    // holding is the outputs, of `out` along an axis, whose windows hold pixel r.
    __device__ __forceinline__ Range holding(int r, int out) const {
        int reach = r + pad - kernel + stride;  // the first window starts at reach/stride, rounded down, unless that is below 0
        return {reach < 0 ? 0 : reach / stride, min((r + pad) / stride + 1, out)};
    }

    // position is where pixel r lies in output i's window.
    __device__ __forceinline__ int position(int r, int i) const { return r - i * stride + pad; }

    // at is where pixel (row, col) of an image begins, of maps that are height rows and width pixels.
    __device__ __forceinline__ long long at(int image, int row, int height, int col, int width) const {
        return ((static_cast<long long>(image) * height + row) * width + col) * c;
    }
};

// Place is the part of a thread that does not change: a pixel of its lines and the first of its channels.
struct Place {
    int pixel, channel;
    bool any;  // false for threads past the end of the line
};

template <int N>
__device__ __forceinline__ Place place(const Windows &g, int width) {
    int i = line_place(), packs = g.c / N;
    return {i / packs, i % packs * N, i < width * packs};
}

}  // namespace window

// Kernels take scalars alone, so the sizes are nine of them.
#define WINDOW_PARAMETERS int n, int h, int w, int c, int oh, int ow, int kernel, int stride, int pad
#define WINDOW_ARGUMENTS \
    Windows { n, h, w, c, oh, ow, kernel, stride, pad }
