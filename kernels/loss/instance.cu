// Instance discrimination with its gradient, in one kernel: similarities of 8 queries with all keys, the terms of each row, and the
// product back to the rows' gradients. The matrix of similarities is never whole in memory: a block has place for those of its 8 rows
// and takes one group of 8 after the other, so that the place needed is a multiple of the batch, not its square.
#include "instance_row.cuh"

namespace loss::instance {

// Four rows' gradients in one feature: scale sum_j G_j z_j.
__device__ __forceinline__ void feature(float *dx, const Run &run, int from, int e, float scale) {
    float g[4] = {};
    product_back(g, run, from, e, run.keys);
#pragma unroll
    for (int r = 0; r < 4; r++) {
        int i = run.first + from + r;
        if (i < run.n) dx[static_cast<long long>(i) * run.d + e] = scale * g[r];
    }
}

// One group of rows. The barrier that similarities begins with keeps it from writing where the group before is still read.
__device__ __forceinline__ void group(double *terms, float *dx, float (&tile)[kRows][kWidth], const Run &run) {
    similarities(tile, run);
    __syncthreads();
    int r = threadIdx.x / 32, i = run.first + r;
    if (i < run.n) {
        double term = row_term(run, r);
        if (threadIdx.x % 32 == 0) terms[i] = term;
    }
    __syncthreads();
    if (!dx) return;
    // Two groups of four rows for each feature: with the usual 128 features every thread has one.
    float scale = static_cast<float>(-run.inverse / run.n);
    for (int k = threadIdx.x; k < 2 * run.d; k += kThreads) feature(dx, run, k / run.d * 4, k % run.d, scale);
}

}  // namespace loss::instance

// terms [n] get the rows' terms; dx [n,d] may be null, x [n,d], z [keys,d]. Similarities lie in shared memory, or, where there are too many
// keys for that, in `outside` [gridDim.x, keys, 8].
KERNEL_BOUNDS(256, 2, loss_instance, double *terms, float *dx, const float *x, const float *z, float *outside, int n, int keys, int d,
              double inverse, double alpha) {
    __shared__ float tile[loss::instance::kRows][loss::instance::kWidth];
    SHARED(float, inside);
    float *sims = outside ? outside + static_cast<long long>(blockIdx.x) * keys * loss::instance::kRows : inside;
    int step = static_cast<int>(gridDim.x) * loss::instance::kRows;
    for (int first = static_cast<int>(blockIdx.x) * loss::instance::kRows; first < n; first += step) {
        loss::instance::group(terms, dx, tile, {x, z, sims, n, keys, d, first, inverse, alpha});
    }
}
