// The loop of the ops that work element by element. They are bound by memory: wide accesses count, with neighbouring elements
// for neighbouring threads.
#pragma once
#include "../include/pack.cuh"

namespace act {

// each_pack calls f with the position of every pack of N among n elements; n is a multiple of N.
template <int N, typename F>
__device__ __forceinline__ void each_pack(long long n, F f) {
    long long step = static_cast<long long>(gridDim.x) * blockDim.x * N;
    for (long long i = (blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x) * N; i < n; i += step) f(i);
}

}  // namespace act
