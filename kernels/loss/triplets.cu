// The weighted loss of chosen triplets, with its gradient. A block works on one group: four rows of f, two triplets with the same anchor
// and positive. No row is in two groups, so that a block writes its rows' gradients alone.
#include "../include/reduce.cuh"

namespace loss::triplets {

// margin + |a - p|^2 - |a - n|^2, in all threads.
__device__ __forceinline__ double hinge(const float *a, const float *p, const float *n, int d, double margin) {
    double sum = 0;
    for (int j = threadIdx.x; j < d; j += blockDim.x) {
        double near = static_cast<double>(a[j]) - p[j], far = static_cast<double>(a[j]) - n[j];
        sum += near * near - far * far;
    }
    return margin + block_sum(sum);
}

// A hinge that is not finite counts, so that the loss shows it.
__device__ __forceinline__ bool counts(double h) { return !(h <= 0 && h - h == 0); }

}  // namespace loss::triplets

// terms [(rows+1)/2] get the groups' parts of the loss, weights in whole units; df [2 rows,d] may be null. slope is twice the loss's
// factor.
KERNEL_BOUNDS(128, 2, loss_triplets, double *terms, float *df, const float *f, const int *weights, int rows, int d, double margin,
              double slope) {
    long long first = 2LL * blockIdx.x * d, half = static_cast<long long>(rows) * d;
    bool whole = 2 * static_cast<int>(blockIdx.x) + 1 < rows;
    double weight = whole ? weights[2 * blockIdx.x] : 0, sum = 0;
    const float *a = f + first, *p = a + half;
    bool near = false, far = false;  // whether the first and the second negative count
    if (weight != 0) {               // the same in all threads
        double h = loss::triplets::hinge(a, p, a + d, d, margin), g = loss::triplets::hinge(a, p, p + d, d, margin);
        near = loss::triplets::counts(h), far = loss::triplets::counts(g);
        sum = weight * ((near ? h : 0) + (far ? g : 0));
    }
    if (threadIdx.x == 0) terms[blockIdx.x] = sum;
    if (!df) return;
    float *da = df + first, *dp = da + half;
    double by = slope * weight;
    for (int j = threadIdx.x; j < d; j += blockDim.x) {
        double x = a[j], y = p[j];
        double n = whole ? a[d + j] : 0, m = whole ? p[d + j] : 0;
        da[j] = static_cast<float>((near ? by * (n - y) : 0) + (far ? by * (m - y) : 0));
        dp[j] = static_cast<float>((near ? by * (y - x) : 0) + (far ? by * (y - x) : 0));
        if (!whole) continue;
        da[d + j] = near ? static_cast<float>(by * (x - n)) : 0;
        dp[d + j] = far ? static_cast<float>(by * (x - m)) : 0;
    }
}
