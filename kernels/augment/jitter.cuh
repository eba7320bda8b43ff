// Other colours for the pixels of a view: the changes of jitter_cpu.go, with its bits. A thread changes the pixels that it always has, so
// that only the mean of a contrast waits for others.
#pragma once

namespace augment {

enum Change { kBrightness = 1, kContrast, kSaturation, kHue };  // of a row: as on the host

__device__ __forceinline__ float luma(const float *p) {
    return __fadd_rn(__fadd_rn(__fmul_rn(0.2989f, p[0]), __fmul_rn(0.587f, p[1])), __fmul_rn(0.114f, p[2]));
}

__device__ __forceinline__ float within(float v) {
    if (v < 0) return 0;
    return v > 1 ? 1 : v;
}

// p[c] becomes by p[c] + share.
__device__ __forceinline__ void blend(float *p, int channels, float by, float share) {
    for (int c = 0; c < channels; c++) p[c] = within(__fadd_rn(__fmul_rn(by, p[c]), share));
}

// The hue of a colour that is not grey, in sixths of the circle from -1 to 5.
__device__ __forceinline__ float hue_of(float r, float g, float b, float hi, float width) {
    if (hi == r) return __fdiv_rn(__fsub_rn(g, b), width);
    if (hi == g) return __fadd_rn(2, __fdiv_rn(__fsub_rn(b, r), width));
    return __fadd_rn(4, __fdiv_rn(__fsub_rn(r, g), width));
}

__device__ __forceinline__ void turn_hue(float *p, float sixths) {
    float r = p[0], g = p[1], b = p[2], hi = fmaxf(r, fmaxf(g, b)), lo = fminf(r, fminf(g, b)), width = __fsub_rn(hi, lo);
    if (width == 0) return;
    float h = __fadd_rn(hue_of(r, g, b, hi, width), sixths);
    if (h < 0) h = __fadd_rn(h, 6);
    if (h >= 6) h = __fsub_rn(h, 6);
    int sector = static_cast<int>(h);
    float f = __fsub_rn(h, static_cast<float>(sector));
    if (sector % 2 == 0) f = __fsub_rn(1, f);
    float mid = __fsub_rn(hi, __fmul_rn(width, f));
    p[0] = sector == 0 || sector == 5 ? hi : sector == 1 || sector == 4 ? mid : lo;
    p[1] = sector == 1 || sector == 2 ? hi : sector == 0 || sector == 3 ? mid : lo;
    p[2] = sector == 3 || sector == 4 ? hi : sector == 2 || sector == 5 ? mid : lo;
}

}  // namespace augment
