// BestScore of best_score.cuh for the walk of warpgroups.
#pragma once
#include "../include/warpgroup_walk.cuh"
#include "key.cuh"

#ifdef UDML_WARPGROUPS
// BestOfGroup keeps four rows a thread, two of each half. Columns come in rising order, so of equal scores the first stays.
template <bool LABELLED>
struct BestOfGroup {
    static constexpr int kShared = 0;
    int self;
    const int *own, *labels;  // of x and of y
    float best[4];
    int col[4];

    __device__ __forceinline__ BestOfGroup(int self, const int *own, const int *labels) : self(self), own(own), labels(labels) {
        for (int r = 0; r < 4; r++) best[r] = -INFINITY, col[r] = -1;
    }

    template <int HALF>
    __device__ __forceinline__ void half(float (&score)[64], float (&most)[2], int row0, int col0, const TileProblem &p) {
        if (LABELLED) keep_labelled(score, most, row0, col0, p);
        int first = col0 + GroupPlace::at().col;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int r = 2 * HALF + h;
            if (most[h] > best[r]) {
                best[r] = most[h];
#pragma unroll
                for (int e = 31; e >= 0; e--)
                    if (score[e / 2 * 4 + 2 * h + e % 2] == most[h]) col[r] = first + e / 2 * 8 + e % 2;
            } else if (col[r] < 0) {  // -Inf is a score too, but not above the -Inf that rows start with
#pragma unroll
                for (int e = 31; e >= 0; e--)
                    if (score[e / 2 * 4 + 2 * h + e % 2] == -INFINITY) col[r] = first + e / 2 * 8 + e % 2;
            }
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
        int row0 = group_row() + GroupPlace::at().row;
        for (int r = 0; r < 4; r++) {
            int row = row0 + r / 2 * 64 + r % 2 * 8;
            if (row < n && col[r] >= 0) atomicMax(keys + row, make_key(best[r], col[r]));
        }
    }
};
#endif
