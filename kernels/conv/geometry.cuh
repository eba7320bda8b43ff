// The sizes of a convolution, and division by them: each thread turns the number of a pixel or of a term of a sum into
// coordinates all the time, and the hardware has no instruction that divides.
#pragma once
#include "../include/kernel.cuh"

namespace conv_geometry {

// Divider divides numbers below 2^31 by one that stays the same: two multiplications and a shift take the place of some
// twenty instructions (Granlund and Montgomery, PLDI 1994, fig. 4.1).
struct Divider {
    unsigned by, magic, shift;

    __device__ __forceinline__ explicit Divider(int d) : by(d), shift(0) {
        while ((1ull << shift) < by) shift++;
        magic = static_cast<unsigned>(((1ull << 32) * ((1ull << shift) - by)) / by + 1);
    }
    // split is x / by; x becomes x % by.
    __device__ __forceinline__ int split(int &x) const {
        unsigned n = x, q = (__umulhi(magic, n) + n) >> shift;
        x = n - q * by;
        return q;
    }
};

struct Geometry {
    int n, h, w, c, oh, ow, o, kh, kw, stride, pad;
};

}  // namespace conv_geometry

// The parameters that make a Geometry, and it.
#define CONV_SIZES int n, int h, int w, int c, int oh, int ow, int o, int kh, int kw, int stride, int pad
#define CONV_GEOMETRY conv_geometry::Geometry { n, h, w, c, oh, ow, o, kh, kw, stride, pad }
