// L_rim with its gradient: logits by rows, probabilities by columns, then the gradient by rows again. All of it is
// double, as on the CPU: there are only rows x clusters numbers, and the loss is a small difference of entropies.
#include "../include/reduce.cuh"

namespace loss::rim {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;

// Of each row: its largest logit, the logarithm of the sum of exponentials relative to that, its entropy.
struct Row {
    double top, log, entropy;
};

__device__ __forceinline__ double log_p(float x, const Row &row) { return static_cast<double>(x) - row.top - row.log; }

// The softmax of a row, in p; NaN is no maximum, but spoils the sum. A warp works on it.
__device__ __forceinline__ Row softmax(double *p, const float *x, int k) {
    int lane = threadIdx.x % 32;
    float top = -INFINITY;
    for (int j = lane; j < k; j += 32) top = x[j] > top ? x[j] : top;
    Row row = {warp_max(top), 0, 0};
    double sum = 0;
    for (int j = lane; j < k; j += 32) sum += p[j] = exp(static_cast<double>(x[j]) - row.top);
    sum = warp_sum(sum);
    row.log = log(sum);
    for (int j = lane; j < k; j += 32) {
        double of = p[j] / sum;
        p[j] = of;
        if (of != 0) row.entropy -= of * log_p(x[j], row);
    }
    row.entropy = warp_sum(row.entropy);
    return row;
}

// One row of the gradient, by a warp.
__device__ __forceinline__ void gradient(float *dx, const float *x, const double *p, const double *log_mean, const Row &row, int k,
                                         double mu, double scale) {
    int lane = threadIdx.x % 32;
    double cross = 0;
    for (int j = lane; j < k; j += 32) cross += p[j] * log_mean[j];
    cross = warp_sum(cross);
    for (int j = lane; j < k; j += 32) {
        double g = p[j] == 0 ? 0 : scale * p[j] * (mu * (log_mean[j] - cross) - log_p(x[j], row) - row.entropy);
        dx[j] = static_cast<float>(g);
    }
}

// The entropies and the loss, by a block.
__device__ __forceinline__ void finish(float *loss, float *terms, const Row *rows, const double *entropy, int n, int k, double mu,
                                       double norm) {
    double of_rows = 0, of_mean = 0;
    for (int i = threadIdx.x; i < n; i += kThreads) of_rows += rows[i].entropy;
    for (int j = threadIdx.x; j < k; j += kThreads) of_mean += entropy[j];
    of_rows = block_sum(of_rows) / max(1, n) / norm, of_mean = block_sum(of_mean) / norm;
    if (threadIdx.x != 0) return;
    terms[0] = static_cast<float>(of_rows), terms[1] = static_cast<float>(of_mean);
    loss[0] = static_cast<float>(of_rows + 1 - mu * of_mean);
}

}  // namespace loss::rim

// Probabilities p [n,k] and rows [n]: a warp for each row.
KERNEL_BOUNDS(256, 2, loss_rim_rows, double *p, loss::rim::Row *rows, const float *x, int n, int k) {
    int i = blockIdx.x * loss::rim::kWarps + threadIdx.x / 32;
    if (i >= n) return;
    loss::rim::Row row = loss::rim::softmax(p + static_cast<long long>(i) * k, x + static_cast<long long>(i) * k, k);
    if (threadIdx.x % 32 == 0) rows[i] = row;
}

// The mean row of p: its logarithm and its term of the entropy, both 0 where no row has any. A block owns 32 columns,
// which a warp reads as whole lines; its warps take every eighth row, and their sums are added in order.
KERNEL_BOUNDS(256, 2, loss_rim_columns, double *log_mean, double *entropy, const double *p, int n, int k) {
    __shared__ double partial[loss::rim::kWarps][32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, j = blockIdx.x * 32 + lane;
    double sum = 0;
    if (j < k) {
#pragma unroll 4
        for (int i = warp; i < n; i += loss::rim::kWarps) sum += p[static_cast<long long>(i) * k + j];
    }
    partial[warp][lane] = sum;
    __syncthreads();
    if (warp != 0 || j >= k) return;
    for (int w = 1; w < loss::rim::kWarps; w++) sum += partial[w][lane];
    double mean = sum / n;
    log_mean[j] = sum == 0 ? 0 : log(mean);
    entropy[j] = sum == 0 ? 0 : -mean * log(mean);
}

// The last block makes loss and terms; those before it, if dx is wanted, its rows. In one kernel, because both need no
// more than the two before have left, and a launch costs as much as either of them.
KERNEL_BOUNDS(256, 2, loss_rim_finish, float *loss, float *terms, float *dx, const float *x, const double *p, const loss::rim::Row *rows,
              const double *log_mean, const double *entropy, int n, int k, double mu, double norm) {
    if (blockIdx.x == gridDim.x - 1) {
        loss::rim::finish(loss, terms, rows, entropy, n, k, mu, norm);
        return;
    }
    int i = blockIdx.x * loss::rim::kWarps + threadIdx.x / 32;
    if (i >= n) return;
    long long at = static_cast<long long>(i) * k;
    loss::rim::gradient(dx + at, x + at, p + at, log_mean, rows[i], k, mu, 1 / (n * norm));
}
