// The products of one warp in tile_gemm.cuh, in each format.
#pragma once
#include "tile_gemm_operand.cuh"

enum GemmFormat { kGemmFp32, kGemmTf32, kGemmBf16 };

namespace tile_gemm {

// Split is a quad of one row as tf32: hi, and the rest.
struct Split {
    uint32_t hi[4], lo[4];
    __device__ __forceinline__ Split() {}
    __device__ __forceinline__ explicit Split(const float4 &v) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            hi[i] = tf32_from(part(v, i));
            lo[i] = tf32_from(part(v, i) - __uint_as_float(hi[i]));
        }
    }
};

__device__ __forceinline__ void multiply(float d[4], const uint32_t *upper, const uint32_t *lower, const uint32_t *col) {
    uint32_t a[4] = {upper[0], lower[0], upper[1], lower[1]}, b[2] = {col[0], col[1]};
    mma_tf32(d, a, b);
}

// Warp is the 32 x 32 sums of one warp: sum[i][j] is the fragment of rows 16 i and columns 8 j on.
template <GemmFormat FORMAT>
struct Warp {
    float sum[2][4][4] = {};

    // step multiplies 16 k: quads `a` of the warp's first row on, `b` of its first column on.
    __device__ __forceinline__ void step(const float4 *a, const float4 *b, int first_row, int first_col) {
        int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
        float4 x[2][2];
#pragma unroll
        for (int i = 0; i < 4; i++) x[i / 2][i % 2] = a[place(first_row + i * 8 + g, t)];
#pragma unroll
        for (int j = 0; j < 4; j += 2) {
            const float4 &left = b[place(first_col + j * 8 + g, t)], &right = b[place(first_col + j * 8 + 8 + g, t)];
            if constexpr (FORMAT == kGemmFp32) {
                Split l(left), r(right);
                pair(x, l, r, j, 0);
                pair(x, l, r, j, 1);
            } else {
                once(x, left, j);
                once(x, right, j + 1);
            }
        }
    }

    // pair multiplies 16 rows with 16 columns, small products first. The rows are split again for each pair of
    // columns: arithmetic is to spare here, registers are not.
    __device__ __forceinline__ void pair(const float4 (&x)[2][2], const Split &left, const Split &right, int j, int i) {
        Split up(x[i][0]), down(x[i][1]);
        float fresh[2][4] = {};
#pragma unroll
        for (int product = 0; product < 3; product++) {
#pragma unroll
            for (int k = 0; k < 4; k += 2) {
                const uint32_t *upper = product == 1 ? up.lo : up.hi, *lower = product == 1 ? down.lo : down.hi;
                multiply(fresh[0], upper + k, lower + k, (product == 0 ? left.lo : left.hi) + k);
                multiply(fresh[1], upper + k, lower + k, (product == 0 ? right.lo : right.hi) + k);
            }
        }
#pragma unroll
        for (int e = 0; e < 8; e++) sum[i][j + e / 4][e % 4] += fresh[e / 4][e % 4];
    }

    // once multiplies with 8 columns, each factor rounded.
    __device__ __forceinline__ void once(const float4 (&x)[2][2], const float4 &y, int j) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            const float4 &up = x[i][0], &down = x[i][1];
            if constexpr (FORMAT == kGemmBf16) {
                uint32_t a[4] = {bf16_pair(up.x, up.y), bf16_pair(down.x, down.y), bf16_pair(up.z, up.w),
                                 bf16_pair(down.z, down.w)};
                uint32_t b[2] = {bf16_pair(y.x, y.y), bf16_pair(y.z, y.w)};
                mma_bf16(sum[i][j], a, b);
            } else {
                uint32_t a[4] = {tf32_from(up.x), tf32_from(down.x), tf32_from(up.y), tf32_from(down.y)};
                uint32_t b[2] = {tf32_from(y.x), tf32_from(y.y)};
                mma_tf32(sum[i][j], a, b);
                uint32_t c[4] = {tf32_from(up.z), tf32_from(down.z), tf32_from(up.w), tf32_from(down.w)};
                uint32_t d[2] = {tf32_from(y.z), tf32_from(y.w)};
                mma_tf32(sum[i][j], c, d);
            }
        }
    }

    static __device__ __forceinline__ uint32_t bf16_pair(float a, float b) { return pack2(bf16_from(a), bf16_from(b)); }
};

}  // namespace tile_gemm
