// The losses of pairs of labelled rows, with their gradients. A block works on one row of the similarities. Pairs are counted first, in
// whole numbers, since the weight of each is one over how many there are.
#include "../include/reduce.cuh"

namespace loss::pairs {

constexpr double kNearestSquare = 1e-6;

struct Run {
    const float *s;  // the row
    float *ds;       // its gradient, or null
    const int *labels;
    int i, n, images, label;

    __device__ __forceinline__ Run(const float *s, float *ds, const int *labels, int n, int images)
        : s(s + static_cast<long long>(blockIdx.x) * n), ds(ds ? ds + static_cast<long long>(blockIdx.x) * n : nullptr), labels(labels),
          i(blockIdx.x), n(n), images(images), label(labels[blockIdx.x % images]) {}
    __device__ __forceinline__ bool same(int j) const { return labels[j % images] == label; }
    __device__ __forceinline__ void fill(float v) const {
        for (int j = threadIdx.x; ds && j < n; j += blockDim.x) ds[j] = v;
        __syncthreads();
    }
    // Whether a number outside of the diagonal is not finite; all threads call it.
    __device__ __forceinline__ bool damaged() const {
        int bad = 0;
        for (int j = threadIdx.x; j < n; j += blockDim.x) bad |= j != i && !(s[j] - s[j] == 0);
        return __syncthreads_or(bad);
    }
};

// One over the number of pairs of one label, and of two. Rows without a row of another label are left out of the first with `negatives`.
struct Weights {
    double same, other;
};

__device__ __forceinline__ Weights weights(const int *counts, int n, bool negatives) {
    long long same = 0, other = 0;
    for (int r = threadIdx.x; r < n; r += blockDim.x) {
        int rest = n - counts[r];
        if (rest > 0 || !negatives) same += counts[r] - 1;
        other += rest;
    }
    same = block_sum(same), other = block_sum(other);
    return {1.0 / static_cast<double>(same > 0 ? same : 1), 1.0 / static_cast<double>(other > 0 ? other : 1)};
}

// A row and its similarity; at is -1 for none.
struct Found {
    float s;
    int at;
};

// The first of the largest or smallest similarities in the block: value first, then the place, each a reduction of one number.
template <bool kNearest>
__device__ __forceinline__ Found first_of(Found f) {
    float least = -INFINITY, own = f.at < 0 ? least : kNearest ? f.s : -f.s;
    float best = block_max(own, least);
    int at = block_reduce(f.at >= 0 && own == best ? f.at : INT_MAX, Min(), INT_MAX);
    return {kNearest ? best : -best, at == INT_MAX ? -1 : at};
}

__device__ __forceinline__ Found farthest(const Run &run) {
    Found f = {0, -1};
    for (int j = threadIdx.x; j < run.n; j += blockDim.x) {
        if (!run.same(j) && (f.at < 0 || run.s[j] < f.s)) f = {run.s[j], j};
    }
    return first_of<false>(f);
}

__device__ __forceinline__ Found nearest_below(const Run &run, float positive) {
    Found f = {0, -1};
    for (int j = threadIdx.x; j < run.n; j += blockDim.x) {
        if (!run.same(j) && run.s[j] < positive && (f.at < 0 || run.s[j] > f.s)) f = {run.s[j], j};
    }
    return first_of<true>(f);
}

}  // namespace loss::pairs

// counts [n]: how many rows have the row's label, itself too.
KERNEL_BOUNDS(256, 2, loss_pair_counts, int *counts, const int *labels, int n, int images) {
    int label = labels[blockIdx.x % images], sum = 0;
    for (int j = threadIdx.x; j < n; j += blockDim.x) sum += labels[j % images] == label;
    sum = block_sum(sum);
    if (threadIdx.x == 0) counts[blockIdx.x] = sum;
}

// terms [n] get the rows' parts of the loss; ds [n,n] may be null. Positives are taken one after another, since a negative may be that of
// several.
KERNEL_BOUNDS(256, 2, loss_triplet, double *terms, float *ds, const float *s, const int *labels, const int *counts, int n, int images,
              double margin) {
    loss::pairs::Run run(s, ds, labels, n, images);
    bool damaged = run.damaged();
    run.fill(damaged ? NAN : 0);
    double sum = damaged ? NAN : 0, weight = loss::pairs::weights(counts, n, true).same;
    loss::pairs::Found far = loss::pairs::farthest(run);
    for (int a = 0; a < n && !damaged && far.at >= 0; a++) {
        if (a == run.i || !run.same(a)) continue;
        loss::pairs::Found negative = loss::pairs::nearest_below(run, run.s[a]);
        if (negative.at < 0) negative = far;
        double h = margin - 2.0 * run.s[a] + 2.0 * negative.s;
        if (threadIdx.x != 0 || !(h > 0)) continue;
        sum += weight * h;
        if (!run.ds) continue;
        run.ds[a] += static_cast<float>(-2 * weight);
        run.ds[negative.at] += static_cast<float>(2 * weight);
    }
    if (threadIdx.x == 0) terms[run.i] = sum;
}

KERNEL_BOUNDS(256, 2, loss_contrastive, double *terms, float *ds, const float *s, const int *labels, const int *counts, int n, int images,
              double margin) {
    loss::pairs::Run run(s, ds, labels, n, images);
    bool damaged = run.damaged();
    run.fill(damaged ? NAN : 0);
    loss::pairs::Weights weights = loss::pairs::weights(counts, n, false);
    double sum = damaged ? NAN : 0;
    for (int j = threadIdx.x; j < n && !damaged; j += blockDim.x) {
        if (j == run.i) continue;
        double square = 2 - 2.0 * run.s[j], slope = -2, g = 0;
        if (!(square > loss::pairs::kNearestSquare)) square = loss::pairs::kNearestSquare, slope = 0;
        double d = sqrt(square), gap = margin - d;
        if (run.same(j)) {
            sum += weights.same * square;
            g = weights.same * slope;
        } else if (gap > 0) {
            sum += weights.other * gap * gap;
            g = -weights.other * gap * slope / d;
        }
        if (run.ds) run.ds[j] = static_cast<float>(g);
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) terms[run.i] = sum;
}
