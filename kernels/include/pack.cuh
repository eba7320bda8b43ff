// Neighbouring floats that move as one. A thread that moves 16 bytes at a time issues a quarter of the loads, and keeps
// four times as many bytes in flight, which fills the memory bus. N is 4 where rows and pointers allow, else 1.
#pragma once
#include "bfloat.cuh"

template <int N, typename T = float>
struct alignas(N * sizeof(T)) Pack {
    T v[N];
    __device__ __forceinline__ T &operator[](int i) { return v[i]; }
    __device__ __forceinline__ const T &operator[](int i) const { return v[i]; }
};

template <int N, typename T>
__device__ __forceinline__ Pack<N, T> load(const T *from) {
    return *reinterpret_cast<const Pack<N, T> *>(from);
}

template <int N, typename T>
__device__ __forceinline__ void store(T *to, const Pack<N, T> &pack) {
    *reinterpret_cast<Pack<N, T> *>(to) = pack;
}

// In memory bfloat16, in registers float.
template <int N>
__device__ __forceinline__ Pack<N> load(const bfloat *from) {
    Pack<N, bfloat> stored = load<N, bfloat>(from);
    Pack<N> pack;
#pragma unroll
    for (int j = 0; j < N; j++) pack[j] = stored[j];
    return pack;
}

// Four go through whole registers: stores of their parts the compiler does not always join to one.
template <int N>
__device__ __forceinline__ void store(bfloat *to, const Pack<N> &pack) {
    static_assert(N == 1 || N == 4, "PACKED has no others");
    if constexpr (N == 1) *to = pack[0];
    else *reinterpret_cast<uint2 *>(to) = make_uint2(two_bfloats(pack[0], pack[1]), two_bfloats(pack[2], pack[3]));
}

// quad is four neighbours, where load may be of four.
template <typename T>
__device__ __forceinline__ float4 quad(const T *from) {
    Pack<4> v = load<4>(from);
    return make_float4(v[0], v[1], v[2], v[3]);
}

template <int N>
__device__ __forceinline__ Pack<N> filled(float value) {
    Pack<N> p;
#pragma unroll
    for (int j = 0; j < N; j++) p[j] = value;
    return p;
}

// PACKED calls body<4> or body<1>, as the launcher found possible. Both are compiled into one kernel.
#define PACKED(pack, body, ...)                    \
    do {                                           \
        if ((pack) == 4) body<4>(__VA_ARGS__);     \
        else body<1>(__VA_ARGS__);                 \
    } while (0)
