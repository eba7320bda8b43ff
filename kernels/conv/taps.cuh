// Images as the matrices of their patches, for tile_gemm.cuh: nothing is copied out, each element is found where it lies.
//
// Rows are pixels. k runs over the kernel's taps and, within each, over the channels of the pixel that the tap joins to
// the row's, so that four neighbouring k are one load wherever the channels are a multiple of four.
#pragma once
#include "../include/tile_gemm.cuh"
#include "geometry.cuh"

namespace conv_taps {

using conv_geometry::Divider;
using conv_geometry::Geometry;

// Below joins a pixel of the output to the pixels of x, float or bfloat, under its kernel.
template <typename T>
struct Below {
    using Element = T;
    const T *x;
    Geometry g;
    Divider by_ow, by_oh;

    __device__ __forceinline__ Below(const T *x, const Geometry &g) : x(x), g(g), by_ow(g.ow), by_oh(g.oh) {}
    __device__ __forceinline__ int channels() const { return g.c; }

    struct Place {
        const T *image;
        int top, left;
    };
    __device__ __forceinline__ Place place(int pixel) const {
        if (pixel >= g.n * g.oh * g.ow) return {nullptr, 0, 0};
        int line = by_ow.split(pixel);
        int image = by_oh.split(line);
        return {x + image * ((long long)g.h * g.w * g.c), line * g.stride - g.pad, pixel * g.stride - g.pad};
    }
    // at is where the channels of the pixel under tap (p, q) begin; null outside.
    __device__ __forceinline__ const T *at(const Place &r, int p, int q) const {
        int row = r.top + p, col = r.left + q;
        bool inside = r.image && p < g.kh && row >= 0 && row < g.h && col >= 0 && col < g.w;
        return inside ? r.image + (row * (long long)g.w + col) * g.c : nullptr;
    }
};

// Above joins a pixel of x to the pixels of the output whose kernel lies over it.
template <typename T>
struct Above {
    using Element = T;
    const T *dy;
    Geometry g;
    Divider by_w, by_h, by_stride;

    __device__ __forceinline__ Above(const T *dy, const Geometry &g) : dy(dy), g(g), by_w(g.w), by_h(g.h), by_stride(g.stride) {}
    __device__ __forceinline__ int channels() const { return g.o; }

    struct Place {
        const T *image;
        int bottom, right;  // with the padding: that of tap (0, 0)
    };
    __device__ __forceinline__ Place place(int pixel) const {
        if (pixel >= g.n * g.h * g.w) return {nullptr, 0, 0};
        int line = by_w.split(pixel);
        int image = by_h.split(line);
        return {dy + image * ((long long)g.oh * g.ow * g.o), line + g.pad, pixel + g.pad};
    }
    __device__ __forceinline__ const T *at(const Place &r, int p, int q) const {
        int row = r.bottom - p, col = r.right - q;
        if (!r.image || p >= g.kh || row < 0 || col < 0) return nullptr;
        int i = by_stride.split(row), j = by_stride.split(col);  // row and col: what is left
        bool inside = row == 0 && col == 0 && i < g.oh && j < g.ow;
        return inside ? r.image + (i * (long long)g.ow + j) * g.o : nullptr;
    }
};

// Taps is the loader.
template <class Joined>
struct Taps {
    static constexpr bool kAlongRows = false;
    using Row = typename Joined::Place;
    using T = typename Joined::Element;
    Joined joined;
    Divider by_channels, by_kw;
    bool quads;

    __device__ __forceinline__ Taps(const T *from, const Geometry &g)
        : joined(from, g), by_channels(joined.channels()), by_kw(g.kw),
          quads(joined.channels() % 4 == 0 && reinterpret_cast<size_t>(from) % 16 == 0) {}

    __device__ __forceinline__ Row row(int i) const { return joined.place(i); }
    __device__ __forceinline__ float4 load(const Row &r, int k) const {
        int tap = by_channels.split(k);
        if (quads) {
            const T *at = pixel(r, tap);
            return at ? quad(at + k) : make_float4(0, 0, 0, 0);
        }
        float4 v;
        const T *at = pixel(r, tap);
        v.x = next(r, at, tap, k);
        v.y = next(r, at, tap, k);
        v.z = next(r, at, tap, k);
        v.w = next(r, at, tap, k);
        return v;
    }

private:
    __device__ __forceinline__ const T *pixel(const Row &r, int tap) const {
        int p = by_kw.split(tap);
        return joined.at(r, p, tap);
    }
    // next is channel k of the pixel; then k goes on, to the next tap's pixel after the last channel.
    __device__ __forceinline__ float next(const Row &r, const T *&at, int &tap, int &k) const {
        float v = at ? float(at[k]) : 0;
        if (++k == joined.channels()) {
            k = 0;
            at = pixel(r, ++tap);
        }
        return v;
    }
};

}  // namespace conv_taps
