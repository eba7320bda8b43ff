// CUDA's vector types, with its alignments: a misaligned float4 must be as wrong here as on a GPU.
#pragma once

#define UDML_VECTOR2(T, name, alignment)          \
    struct __attribute__((aligned(alignment))) name { \
        T x, y;                                   \
    };                                            \
    static inline name make_##name(T x, T y) { return {x, y}; }

#define UDML_VECTOR3(T, name)                     \
    struct name {                                 \
        T x, y, z;                                \
    };                                            \
    static inline name make_##name(T x, T y, T z) { return {x, y, z}; }

#define UDML_VECTOR4(T, name, alignment)          \
    struct __attribute__((aligned(alignment))) name { \
        T x, y, z, w;                             \
    };                                            \
    static inline name make_##name(T x, T y, T z, T w) { return {x, y, z, w}; }

UDML_VECTOR2(signed char, char2, 2)
UDML_VECTOR2(unsigned char, uchar2, 2)
UDML_VECTOR2(short, short2, 4)
UDML_VECTOR2(unsigned short, ushort2, 4)
UDML_VECTOR2(int, int2, 8)
UDML_VECTOR2(unsigned, uint2, 8)
UDML_VECTOR2(float, float2, 8)
UDML_VECTOR2(double, double2, 16)
UDML_VECTOR2(long long, longlong2, 16)
UDML_VECTOR2(unsigned long long, ulonglong2, 16)

UDML_VECTOR3(unsigned char, uchar3)
UDML_VECTOR3(int, int3)
UDML_VECTOR3(unsigned, uint3)
UDML_VECTOR3(float, float3)
UDML_VECTOR3(double, double3)

UDML_VECTOR4(signed char, char4, 4)
UDML_VECTOR4(unsigned char, uchar4, 4)
UDML_VECTOR4(short, short4, 8)
UDML_VECTOR4(unsigned short, ushort4, 8)
UDML_VECTOR4(int, int4, 16)
UDML_VECTOR4(unsigned, uint4, 16)
UDML_VECTOR4(float, float4, 16)
UDML_VECTOR4(double, double4, 16)

#undef UDML_VECTOR2
#undef UDML_VECTOR3
#undef UDML_VECTOR4

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
