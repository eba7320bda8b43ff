// Sums of columns and related kernels: results of parts added in order, and a bias in every row. All are bound by
// memory; neighbouring threads touch neighbouring elements.
#include "column_sums.cuh"

namespace {

template <int N, typename T>
__device__ __forceinline__ void column_sums_of(float *sums, const T *x, long long rows, int cols, int width, long long chunk) {
    column_sums::sum_chunk<N, 4>(sums, rows, cols, width, chunk, [=](auto &packs, long long i, long long step) {
#pragma unroll
        for (auto &p : packs) p = load<N>(x + i), i += step;
    });
}

}  // namespace

// sums [gridDim.y, cols]: the sums of each chunk of x's rows.
#define GEMM_COLUMN_SUMS(name, T)                                                                                                \
    KERNEL_BOUNDS(256, 8, name, float *sums, const T *x, long long rows, int cols, int width, long long chunk, int pack) {        \
        PACKED(column_sums::pack_of<T>(pack), column_sums_of, sums, x, rows, cols, width, chunk);                                   \
    }
STORED(GEMM_COLUMN_SUMS, gemm_column_sums)

namespace {

// c = beta c + parts[0] + parts[1] + ..., in this order. With beta 0 the old c is not read.
template <typename T>
__device__ __forceinline__ void add_parts(T *c, const float *parts, long long n, int count, float beta) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        float sum = beta == 0 ? 0 : beta * float(c[i]);
        // The loads do not depend on each other: unrolled, several are on their way at a time.
#pragma unroll 8
        for (int part = 0; part < count; part++) sum += parts[part * n + i];
        c[i] = sum;
    }
}

// Each row of y [rows, cols] becomes row.
template <typename T>
__device__ __forceinline__ void fill_rows(T *y, const float *row, long long n, int cols) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        y[i] = row[i % cols];
    }
}

}  // namespace

#define GEMM_ADD_PARTS(name, T) \
    KERNEL(name, T *c, const float *parts, long long n, int count, float beta) { add_parts(c, parts, n, count, beta); }
STORED(GEMM_ADD_PARTS, gemm_add_parts)

#define GEMM_FILL_ROWS(name, T) \
    KERNEL(name, T *y, const float *row, long long n, int cols) { fill_rows(y, row, n, cols); }
STORED(GEMM_FILL_ROWS, gemm_fill_rows)
