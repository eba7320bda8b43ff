// L_m with its gradient, in one kernel: similarities, the terms of each row, and the product back to the rows' gradients.
// The matrix of similarities is small (rows x clusters) and never needed again, so it stays on the chip (similarity.cuh). The terms
// of a row are double: rows x clusters of them are few.
#include "metric_row.cuh"

namespace loss::metric {

// live_slots is how many slots have members; all threads of the block call it.
__device__ __forceinline__ int live_slots(const Run &run) {
    int live = 0;
    for (int j = 0; j < run.slots; j += kThreads) {
        int at = j + threadIdx.x;
        live += __syncthreads_count(at < run.slots && run.live(at));
    }
    return live;
}

// f_i . f^_i / t
__device__ __forceinline__ double partner_term(const Run &run, int i) {
    const float *a = run.row(i), *b = run.partner(i);
    double sum = 0;
    for (int e = threadIdx.x % 32; e < run.d; e += 32) sum += static_cast<double>(a[e]) * b[e];
    return warp_sum(sum) * run.inverse;
}

// Four rows' gradients in one column: scale (partner + sum_j G_j c_j), with G 0 where there is none.
__device__ __forceinline__ void column(float *df, const Run &run, int from, int e, int slots, float scale) {
    float g[4] = {};
    product_back(g, run, from, e, slots);
#pragma unroll
    for (int r = 0; r < 4; r++) {
        int i = run.first + from + r;
        if (i < run.n) df[static_cast<long long>(i) * run.d + e] = scale * (run.partner(i)[e] + g[r]);
    }
}

}  // namespace loss::metric

// terms [n] get the rows' terms; df [n,d] may be null. Blocks own 8 rows each. Similarities lie in shared memory, or, where
// there are too many slots for that, in `outside`.
KERNEL_BOUNDS(256, 2, loss_metric, double *terms, float *df, const float *f, const float *c, const int *slot, const int *count,
              float *outside, int n, int d, int slots, double inverse, double alpha) {
    __shared__ float tile[loss::metric::kRows][loss::metric::kWidth];
    SHARED(float, inside);
    float *sims = outside ? outside + static_cast<long long>(blockIdx.x) * slots * loss::metric::kRows : inside;
    loss::metric::Run run = {f, c, slot, count, sims, n, d, slots, static_cast<int>(blockIdx.x) * loss::metric::kRows, inverse, alpha};
    bool several = loss::metric::live_slots(run) > 1;
    if (several) loss::metric::similarities(tile, run);
    __syncthreads();
    int r = threadIdx.x / 32, i = run.first + r;
    if (i < n) {
        double term = loss::metric::partner_term(run, i);
        if (several) term += loss::metric::row_term(run, r);
        if (threadIdx.x % 32 == 0) terms[i] = term;
    }
    __syncthreads();
    if (!df) return;
    // Two groups of four rows for each column: with the usual 128 columns every thread has one.
    float scale = static_cast<float>(-inverse / n);
    for (int k = threadIdx.x; k < 2 * d; k += loss::metric::kThreads) {
        loss::metric::column(df, run, k / d * 4, k % d, several ? slots : 0, scale);
    }
}
