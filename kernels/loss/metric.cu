// L_m with its gradient, in one kernel: similarities, the terms of each row, and the product back to the rows' gradients.
// The matrix of similarities is small (rows x clusters) and never needed again, so it stays on the chip. A block owns 8
// rows of f and passes over all centroids twice; those are read through the L2 cache, which holds them for all blocks.
// Similarities and gradients are products in float32 on the ordinary units: s is divided by a temperature of 0.1 or
// less, and the error of rounded factors would be multiplied by that. The terms of a row are double: rows x clusters of
// them are few.
#include "metric_row.cuh"

namespace loss::metric {

constexpr int kThreads = 256;
constexpr int kWidth = 256;  // columns of f in shared memory at a time
constexpr int kSlots = 4;    // centroids that a warp multiplies at a time: with the rows, one product for each lane

// live_slots is how many slots have members; all threads of the block call it.
__device__ __forceinline__ int live_slots(const Run &run) {
    int live = 0;
    for (int j = 0; j < run.slots; j += kThreads) {
        int at = j + threadIdx.x;
        live += __syncthreads_count(at < run.slots && run.live(at));
    }
    return live;
}

// spread sums 32 values over the lanes of a warp and leaves sum number l in lane l: each exchange halves both the
// values and the lanes that they are still spread over, 31 shuffles in place of 160. A template, because a register
// array is only one when every index is known.
template <int kHalf = 16>
__device__ __forceinline__ float spread(float (&v)[32]) {
    bool upper = threadIdx.x & kHalf;
#pragma unroll
    for (int i = 0; i < kHalf; i++) {
        float kept = upper ? v[i + kHalf] : v[i], given = upper ? v[i] : v[i + kHalf];
        v[i] = kept + __shfl_xor_sync(kWholeWarp, given, kHalf);
    }
    if constexpr (kHalf > 1) return spread<kHalf / 2>(v);
    else return v[0];
}

// Rows of f, columns [at, at+width), to shared memory; zeros below the last row.
__device__ __forceinline__ void load_rows(float (&tile)[kRows][kWidth], const Run &run, int at, int width) {
    for (int i = threadIdx.x; i < kRows * kWidth; i += kThreads) {
        int r = i / kWidth, e = i % kWidth;
        bool inside = e < width && run.first + r < run.n;
        tile[r][e] = inside ? run.row(run.first + r)[at + e] : 0.0f;
    }
}

// The products of the block's rows with centroids j .. j+3 over the columns in the tile: lane l gets that of centroid
// j + l/8 and row l%8. The number in the register array is the same, so that spread sends it there.
__device__ __forceinline__ float products(const float (&tile)[kRows][kWidth], const Run &run, int j, int at, int width) {
    const float *c[kSlots];
    bool live[kSlots];
    float sum[kSlots * kRows] = {};
#pragma unroll
    for (int q = 0; q < kSlots; q++) {
        live[q] = j + q < run.slots && run.live(j + q);
        c[q] = run.c + static_cast<long long>(live[q] ? j + q : 0) * run.d + at;
    }
    for (int e = threadIdx.x % 32; e < width; e += 32) {
        float of[kRows];
#pragma unroll
        for (int r = 0; r < kRows; r++) of[r] = tile[r][e];
#pragma unroll
        for (int q = 0; q < kSlots; q++) {
            float v = live[q] ? c[q][e] : 0.0f;
#pragma unroll
            for (int r = 0; r < kRows; r++) sum[q * kRows + r] += of[r] * v;
        }
    }
    return spread<>(sum);
}

// All similarities of the block's rows, not yet divided by the temperature.
__device__ __forceinline__ void similarities(float (&tile)[kRows][kWidth], const Run &run) {
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    for (int at = 0; at == 0 || at < run.d; at += kWidth) {
        int width = min(kWidth, run.d - at);
        __syncthreads();
        load_rows(tile, run, at, width);
        __syncthreads();
        for (int j = warp * kSlots; j < run.slots; j += kThreads / 32 * kSlots) {
            float sum = products(tile, run, j, at, width);
            float *place = run.sims + j * kRows + lane;
            if (j + lane / kRows < run.slots) *place = at == 0 ? sum : *place + sum;
        }
    }
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
#pragma unroll 4
    for (int j = 0; j < slots; j++) {
        float v = run.live(j) ? run.c[static_cast<long long>(j) * run.d + e] : 0.0f;
        float4 of = *reinterpret_cast<const float4 *>(run.sims + j * kRows + from);
        g[0] += of.x * v, g[1] += of.y * v, g[2] += of.z * v, g[3] += of.w * v;
    }
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
