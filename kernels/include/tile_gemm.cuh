// One block's tile of a matrix product of floats whose elements come from loaders: so a matrix, a transposed matrix
// and an image seen as the matrix of its patches (convolution) take the same path.
//
//     c(i, j) = sum over k in [k0, k1) of a(i, k) b(j, k),   i in [row0, row0 + ROWS),  j in [col0, col0 + 64)
//
//     KERNEL_BOUNDS(256, 1, gemm_nt_fp32, float *c, const float *a, const float *b, int m, int n, int k) {
//         GemmRows x(a, m, k, k), y(b, n, k, k);
//         gemm_tile<128, kGemmFp32>(x, y, 0, k, blockIdx.x * 128, blockIdx.y * 64, m, n,
//                                   [=](int i, int j, float v, float w, bool both) {
//                                       c[i * (long long)n + j] = v;
//                                       if (both) c[i * (long long)n + j + 1] = w;
//                                   });
//     }
//
// ROWS is 128 (a block of 256 threads) or 64 (128 threads). Bounds that do not spill: KERNEL_BOUNDS(256, 1) or
// (128, 2) for kGemmFp32, (256, 2) or (128, 4) for the others. k0 is a multiple of 16; so is k1, unless it is the
// end, where loaders give zeros. A part of k per blockIdx.z makes a product of few tiles fill the GPU; each part
// then writes partial sums of its own, and another kernel adds them in a fixed order. The epilogue gets the
// elements (i, j) and, if both, (i, j+1), j even; only those with i < m, j < n. All threads of the block must call;
// a kernel that calls it twice puts __syncthreads between.
//
// A loader is a small struct, copied into each thread:
//
//     struct Loader {
//         static constexpr bool kAlongRows = false;   // which way its four elements lie
//         struct Row { ... };                         // values that do not change along k, computed once a thread
//         __device__ Row row(int i) const;            // any i up to the end of the tile, also past the matrix
//         __device__ float4 load(const Row &r, int k) const;   // elements (i, k..k+3), k a multiple of 4
//     };                                                       // if kAlongRows: (i..i+3, k), i a multiple of 4
//
// and gives zeros outside of its matrix. GemmRows and GemmColumns below are the loaders of plain
// matrices.
//
// Formats: kGemmFp32 splits each factor in two tf32 numbers, hi + lo, of 11 bits each, and takes hi hi + hi lo + lo
// hi on the tensor cores: the omitted product is at most 3 2^-22 |a b|. Their accumulators truncate; so the sum of 16
// k, of which only two additions are of full size, is added to the total by the ordinary, rounding adder. Error:
// (k/16 + 20) 2^-24 sum |a b|, and 17 2^-24 sum |a b| for k up to 8, which one instruction adds: within the (k +
// 16) of gemm.Gemm. A sum that is not finite is computed again, one product after the other, because infinity
// splits into infinity and NaN. kGemmTf32 and kGemmBf16 round each factor once, to 11 or 8 bits.
//
// Shape, in terms of the hardware: a warp owns 32 x 32 of the tile. In shared memory a row is 16 k, four quads of 16
// bytes, and lane (g, t) takes quad t of row g whole: those four k are its slots of two tf32 instructions, or of one
// in bf16, since any order of k serves as long as a and b agree. So eight lanes read two whole rows, 128 bytes, all
// banks once. Tiles pass through registers: the loads of the next tile are under way while this one is multiplied.
#pragma once
#include "tile_gemm_warp.cuh"

constexpr int kGemmCols = 64;  // columns of a tile

namespace tile_gemm {

// Corner is where a warp's fragments lie: sum[i][j][2 h + e] is row `row` + 16 i + 8 h, column `col` + 8 j + e.
struct Corner {
    int row, col;
};

// mend computes sums again that are not finite. One copy of the loop serves all 32 sums of a thread, by their bits in
// `bad`.
template <class A, class B>
__device__ __forceinline__ void mend(float (&sum)[2][4][4], const A &a, const B &b, int k0, int k1, Corner at) {
    unsigned bad = 0;
#pragma unroll
    for (int e = 0; e < 32; e++)
        if (!(fabsf(sum[e / 16][e / 4 % 4][e % 4]) <= 3.402823466e38f)) bad |= 1u << e;
#pragma unroll 1
    for (; bad; bad &= bad - 1) {
        int n = __ffs(bad) - 1;
        float s = plainly(a, b, at.row + n / 16 * 16 + n / 2 % 2 * 8, at.col + n / 4 % 4 * 8 + n % 2, k0, k1);
#pragma unroll
        for (int e = 0; e < 32; e++)
            if (e == n) sum[e / 16][e / 4 % 4][e % 4] = s;
    }
}

template <class Epilogue>
__device__ __forceinline__ void finish(const float (&sum)[2][4][4], Corner at, int m, int n, Epilogue epilogue) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int row = at.row + i * 8;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            int col = at.col + j * 8;
            if (row < m && col < n) epilogue(row, col, sum[i / 2][j][i % 2 * 2], sum[i / 2][j][i % 2 * 2 + 1], col + 1 < n);
        }
    }
}

}  // namespace tile_gemm

template <int ROWS, GemmFormat FORMAT, class A, class B, class Epilogue>
__device__ __forceinline__ void gemm_tile(const A &a, const B &b, int k0, int k1, int row0, int col0, int m, int n,
                                          Epilogue epilogue) {
    static_assert(ROWS == 128 || ROWS == 64, "4 or 2 warps stand over each other, 2 side by side");
    constexpr int kThreads = ROWS * 2;
    __shared__ float4 left[2][ROWS * 4], right[2][kGemmCols * 4];
    tile_gemm::Operand<A, ROWS, kThreads> rows(a, row0);
    tile_gemm::Operand<B, kGemmCols, kThreads> cols(b, col0);
    int warp = threadIdx.x / 32, first_row = warp / 2 * 32, first_col = warp % 2 * 32;

    tile_gemm::Warp<FORMAT> product;
    rows.fetch(k0);
    cols.fetch(k0);
#pragma unroll 1
    for (int k = k0, now = 0; k < k1; k += kGemmDepth, now ^= 1) {
        rows.store(left[now]);
        cols.store(right[now]);
        __syncthreads();  // the one barrier: a warp that stores into this buffer again has passed the next barrier, so all have read
        if (k + kGemmDepth < k1) {
            rows.fetch(k + kGemmDepth);
            cols.fetch(k + kGemmDepth);
        }
        product.step(left[now], right[now], first_row, first_col);
    }
    tile_gemm::Corner at = {row0 + first_row + int(threadIdx.x) % 32 / 4, col0 + first_col + int(threadIdx.x) % 4 * 2};
    if constexpr (FORMAT == kGemmFp32) tile_gemm::mend(product.sum, a, b, k0, k1, at);
    tile_gemm::finish(product.sum, at, m, n, epilogue);
}
