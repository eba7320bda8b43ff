// The terms of one row of L_m and their gradient by its similarities, worked on by one warp: metric_row.go for the GPU,
// with the same names. In double, because rows x clusters of them are few. Exponentials are computed again where they
// are needed: to keep them would take twice the shared memory that the similarities do.
#pragma once
#include "similarity.cuh"

namespace loss::metric {

using namespace similarity;

// One evaluation: rows of f against the centroids of live slots.
struct Run {
    const float *f, *c;
    const int *slot, *count;
    float *sims;
    int n, d, slots, first;  // first: the block's first row
    double inverse, alpha;

    __device__ __forceinline__ int columns() const { return slots; }
    __device__ __forceinline__ bool live(int j) const { return count[j] > 0; }
    __device__ __forceinline__ bool counts(int j, int) const { return live(j); }
    __device__ __forceinline__ const float *column(int j) const { return c + static_cast<long long>(j) * d; }
    __device__ __forceinline__ const float *row(int i) const { return f + static_cast<long long>(i) * d; }
    __device__ __forceinline__ const float *partner(int i) const { return row((i + n / 2) % n); }
    __device__ __forceinline__ double s(int j, int r) const { return static_cast<double>(sims[j * kRows + r]) * inverse; }
};

struct Product {
    __device__ __forceinline__ double operator()(double a, double b) const { return a * b; }
};

// Row is the parts of a row's terms. Exponentials are relative to the largest similarity, those of `rest`,
// the softmax over all but the largest, to the second; see metric_row.go for why this is safe.
struct Row {
    int top, second, own;
    double at_top, at_second;  // the similarities there
    double others, apart;      // sums of the exponentials over all but top, and but top and own
    double rest;               // sum of exp(s - s_second) over all but top
    double product, odds;      // of 1-p, and of p/(1-p), over all but top and own
};

__device__ __forceinline__ Row sums(const Run &run, int r) {
    Row w = {};
    w.own = run.slot[run.first + r];
    w.top = largest(run, r, -1), w.second = largest(run, r, w.top);
    w.at_top = run.s(w.top, r), w.at_second = run.s(w.second, r);
    for (int j = threadIdx.x % 32; j < run.slots; j += 32) {
        if (!run.live(j) || j == w.top) continue;
        double e = exp(run.s(j, r) - w.at_top);
        w.others += e;
        w.apart += j == w.own ? 0 : e;
        w.rest += exp(run.s(j, r) - w.at_second);
    }
    w.others = warp_sum(w.others), w.apart = warp_sum(w.apart), w.rest = warp_sum(w.rest);
    w.product = 1;
    for (int j = threadIdx.x % 32; j < run.slots; j += 32) {
        if (!run.live(j) || j == w.top || j == w.own) continue;
        double p = exp(run.s(j, r) - w.at_top) / (1 + w.others);
        w.product *= 1 - p;
        w.odds += p / (1 - p);
    }
    w.product = warp_reduce(w.product, Product()), w.odds = warp_sum(w.odds);
    return w;
}

// -LSE_{j != own} s_j + alpha sum_{j != own} (LSE_{q != j} s_q - LSE_q s_q)
__device__ __forceinline__ double row_loss(const Row &w, double alpha) {
    double logs = log(w.product), exclusive = w.at_second + log(w.rest);
    if (w.own != w.top) {
        exclusive = w.at_top + log1p(w.apart);
        logs += w.at_second - w.at_top + log(w.rest) - log1p(w.others);
    }
    return alpha * logs - exclusive;
}

// The gradient of row_loss by similarity q.
__device__ __forceinline__ double row_gradient(const Run &run, const Row &w, int r, int q) {
    double e = exp(run.s(q, r) - w.at_top), p = e / (1 + w.others), g = p * w.odds;
    double rest = q == w.top ? 0 : exp(run.s(q, r) - w.at_second) / w.rest;
    if (q != w.own) g -= p;
    if (q != w.own && q != w.top) g -= p * p / (1 - p);
    if (w.own != w.top && q != w.top) g += rest - p;
    g *= run.alpha;
    if (q == w.own) return g;
    return w.own == w.top ? g - rest : g - e / (1 + w.apart);
}

// The terms of row r but the partner's; its similarities become the gradient by them, that of empty slots 0.
__device__ __forceinline__ double row_term(const Run &run, int r) {
    Row w = sums(run, r);
    __syncwarp();
    for (int j = threadIdx.x % 32; j < run.slots; j += 32) {
        double g = run.live(j) ? row_gradient(run, w, r, j) : 0;
        run.sims[j * kRows + r] = static_cast<float>(g);
    }
    return row_loss(w, run.alpha);
}

}  // namespace loss::metric
