// Products of stacks of matrices: those of gemm.cu, one behind the other along blockIdx.x, with rows and matrices any distance apart.
#include "../include/tile_gemm.cuh"

namespace gemm_batched {

constexpr int kTile = 64;

template <GemmFormat FORMAT, class A, class B>
__device__ __forceinline__ void multiply(float *c, long long ldc, const A &a, const B &b, int m, int n, int k, int tile, float alpha,
                                         float beta) {
    int across = (n + kGemmCols - 1) / kGemmCols;
    int row0 = tile / across * kTile, col0 = tile % across * kGemmCols;
    gemm_tile<kTile, FORMAT>(a, b, 0, k, row0, col0, m, n, [=](int i, int j, float v, float w, bool both) {
        float *at = c + i * ldc + j;
        at[0] = alpha * v + (beta != 0 ? beta * at[0] : 0);
        if (both) at[1] = alpha * w + (beta != 0 ? beta * at[1] : 0);
    });
}

}  // namespace gemm_batched

#define GEMM_BATCHED(name, blocks, format, A, B)                                                                                       \
    KERNEL_BOUNDS(128, blocks, name, float *c, const float *a, const float *b, long long stepc, long long stepa, long long stepb,      \
                  long long ldc, long long lda, long long ldb, int m, int n, int k, int tiles, float alpha, float beta) {              \
        long long batch = blockIdx.x / tiles;                                                                                          \
        gemm_batched::multiply<format>(c + batch * stepc, ldc, A(a + batch * stepa, m, k, lda), B(b + batch * stepb, n, k, ldb), m, n, \
                                       k, blockIdx.x % tiles, alpha, beta);                                                            \
    }

#define GEMM_BATCHES(suffix, blocks, format)                                        \
    GEMM_BATCHED(gemm_batched_nn_##suffix, blocks, format, GemmRows, GemmColumns)   \
    GEMM_BATCHED(gemm_batched_nt_##suffix, blocks, format, GemmRows, GemmRows)      \
    GEMM_BATCHED(gemm_batched_tn_##suffix, blocks, format, GemmColumns, GemmColumns) \
    GEMM_BATCHED(gemm_batched_tt_##suffix, blocks, format, GemmColumns, GemmRows)

GEMM_BATCHES(fp32, 2, kGemmFp32)
GEMM_BATCHES(tf32, 3, kGemmTf32)
GEMM_BATCHES(bf16, 4, kGemmBf16)
