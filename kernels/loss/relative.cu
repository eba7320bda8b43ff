// The losses of relative distances, with their gradients by the squared ones. A block works on one row and computes its distances anew in
// each of its passes: a row is short, and nothing is kept.
#include "../include/reduce.cuh"

namespace loss::relative {

constexpr double kNearest = 1e-3;

struct Row {
    const float *q;
    int i, n;
    double mean;

    // All threads call it.
    __device__ __forceinline__ Row(const float *all, int n)
        : q(all + static_cast<long long>(blockIdx.x) * n), i(blockIdx.x), n(n), mean(0) {
        double sum = 0;
        for (int j = threadIdx.x; j < n; j += blockDim.x)
            if (j != i) sum += sqrt(static_cast<double>(q[j]));
        mean = block_sum(sum) / n;
        if (mean == INFINITY) mean = NAN;  // otherwise the finite distances of the row would be 0
    }
    __device__ __forceinline__ double at(int j) const { return j == i || mean == 0 ? 0.0 : sqrt(static_cast<double>(q[j])) / mean; }
};

// finish writes the row's term and its gradient; slope(j, d) is the gradient by the relative distance d of j.
template <typename Slope>
__device__ __forceinline__ void finish(const Row &r, double *terms, float *dq, double sum, double scale, Slope slope) {
    sum = block_sum(sum);
    if (threadIdx.x == 0) terms[r.i] = scale * sum;
    if (!dq) return;
    dq += static_cast<long long>(r.i) * r.n;
    double along = 0;
    for (int j = threadIdx.x; j < r.n; j += blockDim.x) {
        double d = r.at(j);
        along += slope(j, d) * d;
    }
    along = block_sum(along) / r.n;
    for (int j = threadIdx.x; j < r.n; j += blockDim.x) {
        double d = r.at(j);
        bool none = j == r.i || d < kNearest;
        dq[j] = none ? 0.0f : static_cast<float>((slope(j, d) - along) / (2 * r.mean * r.mean * d));
    }
}

}  // namespace loss::relative

KERNEL_BOUNDS(256, 2, loss_relaxed, double *terms, float *dq, const float *q, const float *w, int n, double delta, double scale) {
    loss::relative::Row r(q, n);
    w += static_cast<long long>(r.i) * n;
    double sum = 0;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
        if (j == r.i) continue;
        double d = r.at(j), gap = delta - d, near = w[j];
        if (gap < 0) gap = 0;
        sum += near * d * d + (1 - near) * gap * gap;
    }
    loss::relative::finish(r, terms, dq, sum, scale, [=](int j, double d) {
        if (j == r.i) return 0.0;
        double gap = delta - d, near = w[j];
        if (gap < 0) gap = 0;
        return 2 * scale * (near * d - (1 - near) * gap);
    });
}

// delta has no part: both kernels are launched with the same arguments.
KERNEL_BOUNDS(256, 2, loss_distill, double *terms, float *dq, const float *q, const float *target, int n, double, double scale) {
    loss::relative::Row r(q, n), t(target, n);
    double own = 0, other = 0;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
        own += exp(-r.at(j));
        other += exp(-t.at(j));
    }
    own = block_sum(own), other = block_sum(other);
    double shift = log(own) - log(other), sum = 0;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
        double to = t.at(j);
        sum += exp(-to) / other * (r.at(j) - to + shift);
    }
    loss::relative::finish(r, terms, dq, sum, scale, [=](int j, double d) { return scale * (exp(-t.at(j)) / other - exp(-d) / own); });
}
