// c = alpha op(a) op(b) + beta c, where cuBLASLt is not installed or does not take the shape.
//
// Tiles are 64 x 64: networks' products outside of convolutions are small, and more, smaller tiles fill more of the GPU
// than they lose by reading their operands more often. A block's number runs along columns first, so that blocks at work at
// the same time share rows of a in the second-level cache. Where there are still too few tiles, blockIdx.z counts parts
// of the sum, whose results lie one after the other for gemm_add_parts.
#include "../include/tile_gemm.cuh"

namespace gemm_product {

constexpr int kTile = 64;

template <GemmFormat FORMAT, class C, class A, class B>
__device__ __forceinline__ void multiply(C *c, const A &a, const B &b, const float *bias, int m, int n, int k, int chunk, float alpha,
                                         float beta) {
    unsigned across = (n + kGemmCols - 1) / kGemmCols;
    int row0 = blockIdx.x / across * kTile, col0 = blockIdx.x % across * kGemmCols;
    int k0 = blockIdx.z * chunk, k1 = k - k0 < chunk ? k : k0 + chunk;
    C *out = c + blockIdx.z * (long long)m * n;
    gemm_tile<kTile, FORMAT>(a, b, k0, k1, row0, col0, m, n, [=](int i, int j, float v, float w, bool both) {
        C *at = out + i * (long long)n + j;
        float shift = bias ? bias[j] : 0, next = bias && both ? bias[j + 1] : 0;
        if (beta != 0) {
            shift += beta * float(at[0]);
            if (both) next += beta * float(at[1]);
        }
        at[0] = alpha * v + shift;
        if (both) at[1] = alpha * w + next;
    });
}

}  // namespace gemm_product

// GEMM_PRODUCT defines the kernel of one format and one pair of transpositions, which decide how operands are loaded.
// bias, a value for each column, may be null.
#define GEMM_PRODUCT(name, blocks, format, A, lda, B, ldb)                                                                  \
    KERNEL_BOUNDS(128, blocks, name, float *c, const float *a, const float *b, const float *bias, int m, int n, int k,       \
                  int chunk, float alpha, float beta) {                                                                      \
        gemm_product::multiply<format>(c, A(a, m, k, lda), B(b, n, k, ldb), bias, m, n, k, chunk, alpha, beta);              \
    }

#define GEMM_PRODUCTS(suffix, blocks, format)                                                   \
    GEMM_PRODUCT(gemm_nn_##suffix, blocks, format, GemmRows, k, GemmColumns, n)                 \
    GEMM_PRODUCT(gemm_nt_##suffix, blocks, format, GemmRows, k, GemmRows, k)                    \
    GEMM_PRODUCT(gemm_tn_##suffix, blocks, format, GemmColumns, m, GemmColumns, n)              \
    GEMM_PRODUCT(gemm_tt_##suffix, blocks, format, GemmColumns, m, GemmRows, k)

GEMM_PRODUCTS(fp32, 2, kGemmFp32)
GEMM_PRODUCTS(tf32, 3, kGemmTf32)
GEMM_PRODUCTS(bf16, 4, kGemmBf16)

// STORED_PRODUCT defines the kernel for factors of bfloat, of which bf16 products lose nothing. Results are float or bfloat.
#define STORED_PRODUCT(name, C, A, lda, B, ldb)                                                                              \
    KERNEL_BOUNDS(128, 4, name, C *c, const bfloat *a, const bfloat *b, const float *bias, int m, int n, int k, int chunk,   \
                  float alpha, float beta) {                                                                                 \
        gemm_product::multiply<kGemmBf16>(c, A(a, m, k, lda), B(b, n, k, ldb), bias, m, n, k, chunk, alpha, beta);           \
    }

#define GEMM_NN(name, C) STORED_PRODUCT(name, C, GemmRows, k, GemmColumns, n)
STORED(GEMM_NN, gemm_nn_stored)

#define GEMM_NT(name, C) STORED_PRODUCT(name, C, GemmRows, k, GemmRows, k)
STORED(GEMM_NT, gemm_nt_stored)

#define GEMM_TN(name, C) STORED_PRODUCT(name, C, GemmColumns, m, GemmColumns, n)
STORED(GEMM_TN, gemm_tn_stored)
