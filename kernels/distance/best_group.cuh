// BestScore of best_score.cuh for the walk of warpgroups.
#pragma once
#include "../include/warpgroup_walk.cuh"
#include "key.cuh"

#ifdef UDML_WARPGROUPS
// BestOfGroup keeps two rows of each half a thread. The four threads of a row share the bar that a score must pass, so that few parts raise
// it; a thread without a column has passed none, or another has passed a higher one since. Columns come in rising order, so of equal scores
// the first stays.
template <TileFormat FORMAT, bool LABELLED>
struct BestOfGroup {
    struct Best {
        float bar;
        int col;
    };
    using Rows = GroupRows<FORMAT, Best>;
    static constexpr int kRows = Rows::kRows, kShared = Rows::kBytes;
    static constexpr bool kTurns = true;
    int self;
    const int *own, *labels;  // of x and of y

    __device__ __forceinline__ BestOfGroup(int self, const int *own, const int *labels) : self(self), own(own), labels(labels) {
        Rows::fill({-INFINITY, -1});
    }

    template <int HALF>
    __device__ __forceinline__ float least(int h, int, const TileProblem &) const {
        return Rows::of(2 * HALF + h).bar;
    }

    template <int HALF>
    __device__ __forceinline__ void half(float (&score)[64], float (&most)[2], unsigned parts, int row0, int col0, const TileProblem &p) {
        if (LABELLED) keep_labelled(score, most, parts, row0, col0, p);
        int first = col0 + GroupPlace::at().col;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            Best &best = Rows::of(2 * HALF + h);
            // -Inf is a score too, but not above the bar that rows start with.
            if (__any_sync(kWholeWarp, most[h] > best.bar || best.bar == -INFINITY)) raise(best, score, most[h], parts, h, first);
        }
    }

    static __device__ __forceinline__ void raise(Best &best, const float (&score)[64], float most, unsigned parts, int h, int first) {
        float top = fmaxf(most, best.bar);
        top = fmaxf(top, __shfl_xor_sync(kWholeWarp, top, 1));
        top = fmaxf(top, __shfl_xor_sync(kWholeWarp, top, 2));
        bool raised = top > best.bar || (top == -INFINITY && best.col < 0);
        int col = -1;
#pragma unroll
        for (int part = kParts - 1; part >= 0; part--) {
            if (!(parts >> part & 1)) continue;
#pragma unroll
            for (int e = kPartSums / 2 - 1; e >= 0; e--)
                if (score[place(part, h, e)] == top) col = first + column(part, e);
        }
        if (raised) best = {top, col};
    }

    // place is where a row's element e of a part is, and column its column.
    static __device__ __forceinline__ int place(int part, int h, int e) { return part * kPartSums + e / 2 * 4 + 2 * h + e % 2; }
    static __device__ __forceinline__ int column(int part, int e) { return part * kPartColumns + e / 2 * 8 + e % 2; }

    // keep_labelled makes NaN of the scores with other labels.
    __device__ __forceinline__ void keep_labelled(float (&score)[64], float (&most)[2], unsigned parts, int row0, int col0,
                                                  const TileProblem &p) const {
        TilePlace at = GroupPlace::at();
        int want[2];
#pragma unroll
        for (int h = 0; h < 2; h++) want[h] = own[min(row0 + at.row + 8 * h, p.n - 1)];
#pragma unroll
        for (int part = 0; part < kParts; part++) {
            if (!(parts >> part & 1)) continue;
#pragma unroll
            for (int e = 0; e < kPartSums / 2; e++) {
                int label = labels[min(col0 + at.col + column(part, e), p.m - 1)];
#pragma unroll
                for (int h = 0; h < 2; h++)
                    if (label != want[h]) score[place(part, h, e)] = NAN;
            }
        }
        group_most(score, most, parts);
    }

    // write brings the best of the block's columns into keys [n], which started as 0.
    __device__ __forceinline__ void write(ScoreKey *keys, int n) const {
        int row0 = group_row<FORMAT>() + GroupPlace::at().row;
        for (int r = 0; r < kRows; r++) {
            int row = row0 + r / 2 * 64 + r % 2 * 8;
            Best best = Rows::of(r);
            if (row < n && best.col >= 0) atomicMax(keys + row, make_key(best.bar, best.col));
        }
    }
};
#endif
