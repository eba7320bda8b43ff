// The terms of one row of instance discrimination and their gradient by its similarities, worked on by one warp: instance_row.go for the
// GPU, with the same names. In double, as far as a row's features are more than its exponentials take. These are computed again where they
// are needed: to keep them would take twice the memory that the similarities do.
#pragma once
#include "similarity.cuh"

namespace loss::instance {

using namespace similarity;

// One evaluation: rows of x against all keys but the one in whose place they stand.
struct Run {
    const float *x, *z;
    float *sims;
    int n, keys, d, first;  // first: the block's first row
    double inverse, alpha;

    __device__ __forceinline__ int columns() const { return keys; }
    __device__ __forceinline__ bool live(int) const { return true; }
    __device__ __forceinline__ bool counts(int j, int r) const { return j != (first + r) % keys; }
    __device__ __forceinline__ const float *row(int i) const { return x + static_cast<long long>(i) * d; }
    __device__ __forceinline__ const float *column(int j) const { return z + static_cast<long long>(j) * d; }
    __device__ __forceinline__ double s(int j, int r) const { return static_cast<double>(sims[j * kRows + r]) * inverse; }
};

// 1 - (1-a)(1-b)
struct Either {
    __device__ __forceinline__ double operator()(double a, double b) const { return a + b * (1 - a); }
};

// Row is what the terms of a row are made of. Exponentials are relative to the largest similarity, those of `rest`, the softmax over all
// but the largest, to the second; see instance_row.go for why this is safe.
struct Row {
    int top, own;
    double at_top, at_own, at_second;  // the similarities there; at_second and rest are only there where own is not top
    double total, others;              // sums of the exponentials, over all and over all but top
    double rest;                       // sum of exp(s - s_second) over all but top
    double complement, odds;           // 1 - product of 1-p, and sum of p/(1-p), over all but top and own
};

// The second pass over a row: exponentials by those of the first.
__device__ __forceinline__ void probabilities(Row &w, const Run &run, int r) {
    for (int j = threadIdx.x % 32; j < run.keys; j += 32) {
        if (!run.counts(j, r) || j == w.top || j == w.own) continue;
        double p = exp(run.s(j, r) - w.at_top) / w.total;
        w.complement += p * (1 - w.complement);
        w.odds += p / (1 - p);
    }
    w.complement = warp_reduce(w.complement, Either()), w.odds = warp_sum(w.odds);
}

__device__ __forceinline__ Row sums(const Run &run, int r) {
    Row w = {};
    int i = run.first + r;
    w.own = (i + run.keys / 2) % run.keys, w.top = largest(run, r, -1);
    w.at_own = run.s(w.own, r), w.at_top = run.s(w.top, r);
    bool apart = w.own != w.top;  // then there is a second
    if (apart) w.at_second = run.s(largest(run, r, w.top), r);
    for (int j = threadIdx.x % 32; j < run.keys; j += 32) {
        if (!run.counts(j, r) || j == w.top) continue;
        w.others += exp(run.s(j, r) - w.at_top);
        if (apart) w.rest += exp(run.s(j, r) - w.at_second);
    }
    w.others = warp_sum(w.others), w.rest = warp_sum(w.rest);
    w.total = exp(w.at_top - w.at_top) + w.others;  // 1, or NaN where it is not finite
    probabilities(w, run, r);
    return w;
}

// log p_own + alpha sum_{j != own} log(1 - p_j)
__device__ __forceinline__ double row_loss(const Row &w, double alpha) {
    double logs = log1p(-w.complement), all = log1p(w.others);
    if (w.own != w.top) logs += w.at_second - w.at_top + log(w.rest) - all;
    return w.at_own - w.at_top - all + alpha * logs;
}

// The gradient of row_loss by similarity q.
__device__ __forceinline__ double row_gradient(const Run &run, const Row &w, int r, int q) {
    double p = exp(run.s(q, r) - w.at_top) / w.total, tail = p * w.odds, g = -p;
    if (q != w.own && q != w.top) tail -= p / (1 - p);
    if (q == w.own) g = q == w.top ? w.others / w.total : 1 - p;
    if (w.own != w.top) {
        tail -= p;
        if (q != w.top) tail += exp(run.s(q, r) - w.at_second) / w.rest;
    }
    return g + run.alpha * tail;
}

// The terms of row r; its similarities become the gradient by them, that with the key in whose place it stands 0.
__device__ __forceinline__ double row_term(const Run &run, int r) {
    Row w = sums(run, r);
    __syncwarp();
    for (int j = threadIdx.x % 32; j < run.keys; j += 32) {
        double g = run.counts(j, r) ? row_gradient(run, w, r, j) : 0;
        run.sims[j * kRows + r] = static_cast<float>(g);
    }
    return row_loss(w, run.alpha);
}

}  // namespace loss::instance
