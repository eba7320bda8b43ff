// The epilogue that keeps each row's best score and its column: the nearest row, or the nearest of the same label.
#pragma once
#include "../include/tile.cuh"
#include "key.cuh"

// BestScore keeps four rows a thread, in registers. Columns come in rising order, so of equal scores the first
// stays. With labels, only columns of the row's label count.
template <bool LABELLED>
struct BestScore {
    static constexpr bool kForgets = true;
    int self;
    const int *own, *labels;  // of x and of y
    float best[4];
    int col[4];

    __device__ __forceinline__ BestScore(int self, const int *own, const int *labels) : self(self), own(own), labels(labels) {
        for (int r = 0; r < 4; r++) best[r] = -INFINITY, col[r] = -1;
    }

    __device__ __forceinline__ void tile(float (&score)[2][8][4], float (&most)[4], TilePlace at, int row0, int col0,
                                         const TileProblem &p) {
        if (LABELLED) keep_labelled(score, most, at, row0, col0, p);
#pragma unroll
        for (int r = 0; r < 4; r++)
            if (most[r] > best[r]) raise(r, score, most[r], col0 + at.col);
        if ((col[0] | col[1] | col[2] | col[3]) < 0) keep_least(score, at, col0);
    }

    // raise finds the first of the row's columns with the largest score. It is rare after the first tiles: the n-th raises
    // a best with a chance of 1/n where columns come in no order.
    __device__ __forceinline__ void raise(int r, const float (&score)[2][8][4], float most, int first) {
        best[r] = most;
#pragma unroll
        for (int e = 15; e >= 0; e--)
            if (score[r / 2][e / 2][r % 2 * 2 + e % 2] == most) col[r] = first + e / 2 * 8 + e % 2;
    }

    // keep_labelled makes NaN of the scores with other labels.
    __device__ __forceinline__ void keep_labelled(float (&score)[2][8][4], float (&most)[4], TilePlace at, int row0, int col0,
                                                  const TileProblem &p) const {
        int want[4];
#pragma unroll
        for (int r = 0; r < 4; r++) want[r] = own[min(row0 + at.row + 8 * r, p.n - 1)];
#pragma unroll
        for (int e = 0; e < 16; e++) {
            int label = labels[min(col0 + at.col + e / 2 * 8 + e % 2, p.m - 1)];
#pragma unroll
            for (int r = 0; r < 4; r++)
                if (label != want[r]) score[r / 2][e / 2][r % 2 * 2 + e % 2] = NAN;
        }
        tile_most(score, most);
    }

    // keep_least is for rows that have nothing yet: -Inf is a score too, but not above the -Inf they start with.
    __device__ __forceinline__ void keep_least(const float (&score)[2][8][4], TilePlace at, int col0) {
#pragma unroll
        for (int e = 0; e < 16; e++) {
#pragma unroll
            for (int r = 0; r < 4; r++) {
                float s = score[r / 2][e / 2][r % 2 * 2 + e % 2];
                if (col[r] < 0 && s == -INFINITY) col[r] = col0 + at.col + e / 2 * 8 + e % 2;
            }
        }
    }

    // write brings the best of the block's columns into keys [n], which started as 0. The maximum of keys is the
    // same in any order.
    __device__ __forceinline__ void write(ScoreKey *keys, const TileProblem &p) const {
        TilePlace at = tile_place();
        for (int r = 0; r < 4; r++) {
            int row = blockIdx.x * kTileRows + at.row + 8 * r;
            if (row < p.n && col[r] >= 0) atomicMax(keys + row, make_key(best[r], col[r]));
        }
    }
};
