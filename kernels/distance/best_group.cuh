// BestScore of best_score.cuh for the walk of warpgroups.
#pragma once
#include "../include/warpgroup_walk.cuh"
#include "key.cuh"

#ifdef UDML_WARPGROUPS
// BestOfGroup keeps two rows of each half a thread. The four threads of a row share the bar that a score must pass, so that few tiles raise
// it; a thread without a column has passed none, or another has passed a higher one since. Columns come in rising order, so of equal scores
// the first stays.
template <TileFormat FORMAT, bool LABELLED>
struct BestOfGroup {
    static constexpr int kShared = 0, kRows = 2 * WalkShape<FORMAT>::kHalves;
    static constexpr bool kTurns = true;
    int self;
    const int *own, *labels;  // of x and of y
    float bar[kRows];
    int col[kRows];

    __device__ __forceinline__ BestOfGroup(int self, const int *own, const int *labels) : self(self), own(own), labels(labels) {
        for (int r = 0; r < kRows; r++) bar[r] = -INFINITY, col[r] = -1;
    }

    template <int HALF>
    __device__ __forceinline__ void half(float (&score)[64], float (&most)[2], int row0, int col0, const TileProblem &p) {
        if (LABELLED) keep_labelled(score, most, row0, col0, p);
        int first = col0 + GroupPlace::at().col;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int r = 2 * HALF + h;
            // -Inf is a score too, but not above the bar that rows start with.
            bool raises = most[h] > bar[r] || (col[r] < 0 && bar[r] == -INFINITY);
            if (__any_sync(kWholeWarp, raises)) raise(bar[r], col[r], score, most[h], h, first);
        }
    }

    static __device__ __forceinline__ void raise(float &bar, int &col, const float (&score)[64], float most, int h, int first) {
        float top = fmaxf(most, bar);
        top = fmaxf(top, __shfl_xor_sync(kWholeWarp, top, 1));
        top = fmaxf(top, __shfl_xor_sync(kWholeWarp, top, 2));
        if (top > bar || (col < 0 && top == -INFINITY)) {
            bar = top, col = -1;
#pragma unroll
            for (int e = 31; e >= 0; e--)
                if (score[e / 2 * 4 + 2 * h + e % 2] == top) col = first + e / 2 * 8 + e % 2;
        }
    }

    // keep_labelled makes NaN of the scores with other labels.
    __device__ __forceinline__ void keep_labelled(float (&score)[64], float (&most)[2], int row0, int col0, const TileProblem &p) const {
        TilePlace at = GroupPlace::at();
        int want[2];
#pragma unroll
        for (int h = 0; h < 2; h++) want[h] = own[min(row0 + at.row + 8 * h, p.n - 1)];
#pragma unroll
        for (int e = 0; e < 32; e++) {
            int label = labels[min(col0 + at.col + e / 2 * 8 + e % 2, p.m - 1)];
#pragma unroll
            for (int h = 0; h < 2; h++)
                if (label != want[h]) score[e / 2 * 4 + 2 * h + e % 2] = NAN;
        }
        group_most(score, most);
    }

    // write brings the best of the block's columns into keys [n], which started as 0.
    __device__ __forceinline__ void write(ScoreKey *keys, int n) const {
        int row0 = group_row<FORMAT>() + GroupPlace::at().row;
        for (int r = 0; r < kRows; r++) {
            int row = row0 + r / 2 * 64 + r % 2 * 8;
            if (row < n && col[r] >= 0) atomicMax(keys + row, make_key(bar[r], col[r]));
        }
    }
};
#endif
