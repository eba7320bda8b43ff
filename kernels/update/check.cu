// The check of gradients before a step: is any number not finite. It reads everything once and is bound by that. Up to eight arrays
// share a launch, one row of the grid each.
#include "chunk.cuh"

namespace check {

// bad is the sign bit set where x is NaN or infinite: adding one to the exponent overflows only theirs into it.
__device__ __forceinline__ unsigned bad(float x) { return (__float_as_uint(x) & 0x7fffffffu) + 0x00800000u; }

__device__ __forceinline__ unsigned bad_of(const float *x, long long n, long long from, long long step) {
    unsigned seen = 0;
    long long quads = ((unsigned long long)x & 15) == 0 ? n / 4 : 0;
    for (long long i = from; i < quads; i += step) {
        float4 v = reinterpret_cast<const float4 *>(x)[i];
        seen |= bad(v.x) | bad(v.y) | bad(v.z) | bad(v.w);
    }
    for (long long i = 4 * quads + from; i < n; i += step) seen |= bad(x[i]);
    return seen >> 31;
}

// report sets skip where any thread of the block has seen something. Only such blocks touch it.
__device__ __forceinline__ void report(int *skip, unsigned seen) {
    if (__syncthreads_or(seen) && threadIdx.x == 0) atomicOr(skip, 1);
}

// pick is argument number i. A select, because an array that is indexed at run time would lie in memory.
template <typename T>
__device__ __forceinline__ T pick(int i, T a, T b, T c, T d, T e, T f, T g, T h) {
    T low = i < 2 ? (i < 1 ? a : b) : (i < 3 ? c : d), high = i < 6 ? (i < 5 ? e : f) : (i < 7 ? g : h);
    return i < 4 ? low : high;
}

}  // namespace check

#define UDML_EIGHT_ARRAYS                                                                                             \
    const float *x0, const float *x1, const float *x2, const float *x3, const float *x4, const float *x5, const float *x6, \
        const float *x7, long long n0, long long n1, long long n2, long long n3, long long n4, long long n5, long long n6, \
        long long n7
#define UDML_MY_ARRAY                                                                      \
    const float *x = check::pick((int)blockIdx.y, x0, x1, x2, x3, x4, x5, x6, x7);        \
    long long n = check::pick((int)blockIdx.y, n0, n1, n2, n3, n4, n5, n6, n7);           \
    long long from = blockIdx.x * (long long)blockDim.x + threadIdx.x, step = (long long)gridDim.x * blockDim.x

// skip[0] |= any number of the arrays is NaN or infinite.
KERNEL_BOUNDS(256, 4, update_finite, int *skip, UDML_EIGHT_ARRAYS) {
    UDML_MY_ARRAY;
    check::report(skip, check::bad_of(x, n, from, step));
}

// The same for the parameters and gradients of a table, a chunk a block.
KERNEL_BOUNDS(256, 4, update_finite_list, int *skip, const update::Chunk *table) {
    update::Chunk c = table[blockIdx.x];
    check::report(skip, check::bad_of(c.g, c.n, threadIdx.x, blockDim.x) | check::bad_of(c.p, c.n, threadIdx.x, blockDim.x));
}
