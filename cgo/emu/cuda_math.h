// CUDA's arithmetic functions. The fast approximations (__expf and the like) are accurate here: a test that passes
// only with their error would be wrong, and their bounds are checked on a GPU.
#pragma once
#include <string.h>

// A barrier against contraction: the _rn functions of CUDA are never fused with the next operation.
template <typename T>
static inline T udml_rounded(T x) {
    __asm__("" : "+x"(x));
    return x;
}

template <typename To, typename From>
static __forceinline__ To udml_bits(From x) {
    static_assert(sizeof(To) == sizeof(From), "as many bits");
    To y;
    __builtin_memcpy(&y, &x, sizeof y);
    return y;
}

static inline int __float_as_int(float x) { return udml_bits<int>(x); }
static inline unsigned __float_as_uint(float x) { return udml_bits<unsigned>(x); }
static inline float __int_as_float(int x) { return udml_bits<float>(x); }
static inline float __uint_as_float(unsigned x) { return udml_bits<float>(x); }
static inline long long __double_as_longlong(double x) { return udml_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return udml_bits<double>(x); }

static inline float __double2float_rn(double x) { return static_cast<float>(x); }
static inline float __int2float_rn(int x) { return static_cast<float>(x); }
static inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
static inline float __ll2float_rn(long long x) { return static_cast<float>(x); }
static inline double __ll2double_rn(long long x) { return static_cast<double>(x); }

// A GPU saturates where C++ leaves a conversion undefined, and takes NaN to zero.
static inline int udml_saturate(double x) {
    if (x != x) return 0;
    return x <= INT_MIN ? INT_MIN : x >= INT_MAX ? INT_MAX : static_cast<int>(x);
}
static inline int __float2int_rn(float x) { return udml_saturate(rintf(x)); }
static inline int __float2int_rz(float x) { return udml_saturate(truncf(x)); }
static inline int __float2int_rd(float x) { return udml_saturate(floorf(x)); }
static inline int __float2int_ru(float x) { return udml_saturate(ceilf(x)); }

static inline float __fadd_rn(float a, float b) { return udml_rounded(a + b); }
static inline float __fsub_rn(float a, float b) { return udml_rounded(a - b); }
static inline float __fmul_rn(float a, float b) { return udml_rounded(a * b); }
static inline float __fdiv_rn(float a, float b) { return udml_rounded(a / b); }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline float __frcp_rn(float a) { return udml_rounded(1.0f / a); }
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double __dadd_rn(double a, double b) { return udml_rounded(a + b); }
static inline double __dsub_rn(double a, double b) { return udml_rounded(a - b); }
static inline double __dmul_rn(double a, double b) { return udml_rounded(a * b); }
static inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float __frsqrt_rn(float x) { return static_cast<float>(1.0 / sqrt(static_cast<double>(x))); }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }
// The C library has declared most of these names already, as something else.
#define __expf expf
#define __exp10f exp10f
#define __logf logf
#define __log2f log2f
#define __log10f log10f
#define __powf powf
#define __sinf sinf
#define __cosf cosf
#define __tanf tanf
#define __sincosf sincosf
// The remainder is exact, so that only the last product is rounded.
static inline void sincospif(float x, float *s, float *c) {
    double angle = 3.14159265358979323846 * remainder(static_cast<double>(x), 2.0);
    *s = static_cast<float>(sin(angle)), *c = static_cast<float>(cos(angle));
}

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz(static_cast<unsigned>(x)) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll(static_cast<unsigned long long>(x)) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32); }
static inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<int64_t>(a) * b) >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>((static_cast<unsigned __int128>(a) * b) >> 64);
}
static inline unsigned __brev(unsigned x) {
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(x);
}

// min and max take any two arithmetic types, as CUDA's overloads do; those of floating point ignore a NaN.
template <typename A, typename B>
static __forceinline__ auto max(A a, B b) -> decltype(a + b) {
    if constexpr (sizeof(decltype(a + b)) && (decltype(a + b))(0.5) != 0) return a > b || b != b ? a : b;
    else return static_cast<decltype(a + b)>(a) > static_cast<decltype(a + b)>(b) ? a : b;
}
template <typename A, typename B>
static __forceinline__ auto min(A a, B b) -> decltype(a + b) {
    if constexpr (sizeof(decltype(a + b)) && (decltype(a + b))(0.5) != 0) return a < b || b != b ? a : b;
    else return static_cast<decltype(a + b)>(a) < static_cast<decltype(a + b)>(b) ? a : b;
}

template <typename T>
static __forceinline__ T __ldg(const T *p) {
    return *p;
}
template <typename T>
static __forceinline__ T __ldcs(const T *p) {
    return *p;
}
template <typename T>
static __forceinline__ void __stcs(T *p, T x) {
    *p = x;
}
