// The CPU's side of mma.cuh: warp collectives of the emulated device, for g++.
//
// A product of two 16-bit or tf32 values is exact in double; the sum over k and the accumulator is taken in double and
// rounded once to float. A tensor core rounds otherwise (it truncates aligned products), so results agree to
// a few units in the last place of the largest term, not bit for bit.
#pragma once
#include "kernel.cuh"

static inline void mma_f16(float d[4], const uint32_t a[4], const uint32_t b[2], UDML_SITE) {
    udml_mma(udml::kMmaF16, d, a, b, udml_file, udml_line);
}
static inline void mma_bf16(float d[4], const uint32_t a[4], const uint32_t b[2], UDML_SITE) {
    udml_mma(udml::kMmaBf16, d, a, b, udml_file, udml_line);
}
static inline void mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2], UDML_SITE) {
    udml_mma(udml::kMmaTf32, d, a, b, udml_file, udml_line);
}

// Each lane itself reads the row whose address it gives, so that the check build knows the reader of each row.
// For two tiles the GPU ignores the addresses of lanes 16 to 31, and so does this.
static inline void udml_ldmatrix(uint32_t *r, const void *row, int tiles, bool trans, const char *file, int line) {
    uint4 held = {};
    if (udml_lane() < 8 * tiles) held = *static_cast<const uint4 *>(row);
    udml_spread(r, &held, tiles, trans, file, line);
}
static inline void ldmatrix_x4(uint32_t r[4], const void *row, UDML_SITE) {
    udml_ldmatrix(r, row, 4, false, udml_file, udml_line);
}
static inline void ldmatrix_x4_trans(uint32_t r[4], const void *row, UDML_SITE) {
    udml_ldmatrix(r, row, 4, true, udml_file, udml_line);
}
static inline void ldmatrix_x2(uint32_t r[2], const void *row, UDML_SITE) {
    udml_ldmatrix(r, row, 2, false, udml_file, udml_line);
}
static inline void ldmatrix_x2_trans(uint32_t r[2], const void *row, UDML_SITE) {
    udml_ldmatrix(r, row, 2, true, udml_file, udml_line);
}

static inline void cp_async16(void *shared, const void *global, bool valid) { udml_copy_async(shared, global, 16, valid); }
static inline void cp_async4(void *shared, const void *global, bool valid) { udml_copy_async(shared, global, 4, valid); }
static inline void cp_async_commit() { udml_copy_commit(); }
template <int N>
static inline void cp_async_wait() {
    static_assert(N >= 0, "a group count");
    udml_copy_wait(N);
}

static inline float bf16_to(uint16_t bits) { return __uint_as_float(static_cast<uint32_t>(bits) << 16); }

// A NaN becomes the one the GPU makes. For the rest, adding half a unit less one, plus the last kept bit, makes the
// carry round to nearest and ties to even; a value too large carries into infinity.
static inline uint16_t bf16_from(float x) {
    uint32_t bits = __float_as_uint(x);
    if (x != x) return 0x7fff;
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Ten mantissa bits stay; a tie goes away from zero, as cvt.rna does.
static inline uint32_t tf32_from(float x) {
    if (x != x) return 0x7fffffff;
    uint32_t bits = __float_as_uint(x);
    if ((bits & 0x7fffffff) == 0x7f800000) return bits;
    return (bits + 0x1000) & 0xffffe000;
}

static inline float f16_to(uint16_t bits) {
    uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
    uint32_t exponent = bits >> 10 & 31, mantissa = bits & 1023;
    if (exponent == 0) {  // zero and subnormals: a multiple of 2^-24
        float x = static_cast<float>(mantissa) * 0x1p-24f;
        return sign ? -x : x;
    }
    uint32_t wide = exponent == 31 ? 255 : exponent + 112;
    return __uint_as_float(sign | wide << 23 | mantissa << 13);
}

static inline uint16_t f16_from(float x) {
    uint32_t bits = __float_as_uint(x), size = bits & 0x7fffffff;
    uint16_t sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
    if (x != x) return 0x7fff;
    if (size >= 0x477ff000) return sign | 0x7c00;  // half way from the largest (65504) to 65536, and up
    if (size < 0x38800000)                         // below 2^-14: the float adder rounds at 2^-24 when 0.5 is added
        return sign | static_cast<uint16_t>(__float_as_uint(__uint_as_float(size) + 0.5f) - 0x3f000000);
    size += 0xfff + (size >> 13 & 1);
    return sign | static_cast<uint16_t>((size - 0x38000000) >> 13);
}

static inline float max_nan(float a, float b) { return a > b || a != a ? a : b; }

static inline unsigned thread_again() { return threadIdx.x; }

static inline float4 read_again(const float2 *shared) { return *reinterpret_cast<const float4 *>(shared); }
