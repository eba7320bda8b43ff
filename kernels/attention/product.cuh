// What the kernels of attention in bfloat16 share: they multiply on the tensor cores. A block of four warps has a tile of 64 rows of one
// head of one image, 16 rows a warp, and goes over all rows of the other side, a tile at a time, which asynchronous copies bring into
// one of two stages of shared memory while the other is multiplied (Dao, "FlashAttention-2: faster attention with better parallelism and
// work partitioning", 2023, sections 3.1 and 3.3).
//
// A lane has of 16 rows by 8 columns of sums what mma.cuh says: rows g and g+8, columns 2t and 2t+1. Two such, rounded to bfloat, are
// the left factor of a product over those 16 columns, so that probabilities and the gradients of logits never leave the registers.
// Operands are read as they are, each of these two is rounded once, sums are float.
#pragma once
#include "../include/bfloat.cuh"
#include "../include/mma.cuh"
#include "../include/reduce.cuh"
#include "place.cuh"

namespace attention {

constexpr int kWarps = 4, kBlock = 32 * kWarps;
constexpr int kRows = 16 * kWarps;  // of a block's tile
constexpr float kLog2E = 1.4426950408889634f, kLn2 = 0.6931471805599453f;

// Product works on rows of WIDE columns, which lie WIDE + 8 apart: the eight rows that ldmatrix reads at a time lie in all banks.
template <int WIDE>
struct Product {
    static constexpr int kLine = WIDE + 8;
    static constexpr int kSteps = WIDE / 16;
    static constexpr int kTile = kRows * kLine;

    typedef float Sums[WIDE / 8][4];       // 16 rows of all columns
    typedef uint32_t Factor[kSteps][4];    // the same as left factor

    // load brings COUNT rows from `first` on into shared memory; rows and columns past the end are 0.
    template <int COUNT>
    static __device__ __forceinline__ void load(bfloat *to, const Rows<bfloat> &from, int first, int dim) {
        bool whole = dim % 8 == 0 && from.ld % 8 == 0 && reinterpret_cast<size_t>(from.at) % 16 == 0;
        if (whole) {
#pragma unroll 1
            for (int i = 0; i < COUNT * WIDE / 8 / kBlock; i++) {
                int e = threadIdx.x + i * kBlock, r = e / (WIDE / 8), c = e % (WIDE / 8) * 8;
                bool inside = first + r < from.rows && c < dim;
                cp_async16(to + r * kLine + c, inside ? from.at + (first + r) * from.ld + c : from.at, inside);
            }
            return;
        }
#pragma unroll 1
        for (int e = threadIdx.x; e < COUNT * WIDE; e += kBlock) {
            int r = e / WIDE, c = e % WIDE;
            bfloat v = {0};
            if (first + r < from.rows && c < dim) v = from.at[(first + r) * from.ld + c];
            to[r * kLine + c] = v;
        }
    }

    // load_both brings a tile of each, one behind the other.
    static __device__ __forceinline__ void load_both(bfloat *to, const Rows<bfloat> &a, const Rows<bfloat> &b, int first, int dim) {
        load<kRows>(to, a, first, dim);
        load<kRows>(to + kTile, b, first, dim);
    }

    // ask_both waits for the stage that was asked for last, and asks for the tiles from row `first` on, if there are such rows.
    static __device__ __forceinline__ void ask_both(bfloat *next, const Rows<bfloat> &a, const Rows<bfloat> &b, int first, int dim) {
        cp_async_wait<0>();
        __syncthreads();  // it is there, and all have read the other
        if (first >= a.rows) return;
        load_both(next, a, b, first, dim);
        cp_async_commit();
    }

    // left are 16 rows by 16 columns as left factor. Lane l's address: row l % 16, columns from l / 16 * 8 on.
    static __device__ __forceinline__ void left(uint32_t (&a)[4], const bfloat *rows, int step) {
        int lane = threadIdx.x % 32;
        ldmatrix_x4(a, rows + lane % 16 * kLine + lane / 16 * 8 + step * 16);
    }
    static __device__ __forceinline__ void left(Factor &a, const bfloat *rows) {
#pragma unroll
        for (int step = 0; step < kSteps; step++) left(a[step], rows, step);
    }

    // across adds to the products of 16 rows of the left factor with 16 rows in shared memory those of 16 columns.
    static __device__ __forceinline__ void across(float (&s)[2][4], const uint32_t (&a)[4], const bfloat *rows, int step) {
        uint32_t b[4];
        int lane = threadIdx.x % 32;
        ldmatrix_x4(b, rows + (lane % 8 + lane / 16 * 8) * kLine + lane / 8 % 2 * 8 + step * 16);
        mma_bf16(s[0], a, b);
        mma_bf16(s[1], a, b + 2);
    }

    // down adds the product of a left factor of 16 columns with 16 rows in shared memory.
    static __device__ __forceinline__ void down(Sums &sum, const uint32_t (&a)[4], const bfloat *rows) {
        int lane = threadIdx.x % 32;
        const bfloat *own = rows + lane % 16 * kLine + lane / 16 * 8;
#pragma unroll
        for (int step = 0; step < kSteps; step++) {
            uint32_t b[4];
            ldmatrix_x4_trans(b, own + step * 16);
            mma_bf16(sum[2 * step], a, b);
            mma_bf16(sum[2 * step + 1], a, b + 2);
        }
    }

    static __device__ __forceinline__ void clear(Sums &sum) {
#pragma unroll
        for (int e = 0; e < WIDE / 2; e++) sum[e / 4][e % 4] = 0;
    }

    // store writes the rows of a warp, from row `first` on, each times its factor.
    static __device__ __forceinline__ void store(bfloat *to, long long ld, int rows, int dim, int first, const Sums &sum, float upper,
                                                 float lower) {
        int lane = threadIdx.x % 32;
        bool pairs = (dim | ld) % 2 == 0 && reinterpret_cast<size_t>(to) % 4 == 0;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int r = first + lane / 4 + 8 * h;
            if (r >= rows) continue;
            float factor = h ? lower : upper;
#pragma unroll
            for (int n = 0; n < WIDE / 8; n++) {
                int c = 8 * n + lane % 4 * 2;
                bfloat *at = to + r * ld + c;
                float one = factor * sum[n][2 * h], other = factor * sum[n][2 * h + 1];
                if (pairs) {
                    if (c < dim) *reinterpret_cast<unsigned *>(at) = two_bfloats(one, other);
                } else {
                    if (c < dim) at[0] = one;
                    if (c + 1 < dim) at[1] = other;
                }
            }
        }
    }
};

// rounded makes a left factor of 16 rows by 16 columns of sums.
__device__ __forceinline__ void rounded(uint32_t (&a)[4], const float (&s)[2][4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) a[i] = two_bfloats(s[i / 2][i % 2 * 2], s[i / 2][i % 2 * 2 + 1]);
}

// over_quad is the sum over the four lanes that share a row; its order does not matter to the bits.
__device__ __forceinline__ float over_quad(float v) {
    v += __shfl_xor_sync(kWholeWarp, v, 1);
    return v + __shfl_xor_sync(kWholeWarp, v, 2);
}

}  // namespace attention

// PRODUCT_KERNELS defines a kernel for heads of up to 64, 96 and 128 columns; so many blocks shall fit a multiprocessor's registers.
#define PRODUCT_KERNELS(X, narrow, middle, wide) X(64, narrow) X(96, middle) X(128, wide)
