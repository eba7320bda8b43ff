// tile_score.cuh for the sums of a warpgroup (warpgroup_walk.cuh): 64 rows by 128 columns, two rows and 64 sums a thread.
#pragma once
#include "tile_score.cuh"

constexpr int kGroupThreads = 128;

// GroupPlace is where a thread's sums of a half lie.
struct GroupPlace {
    static __device__ __forceinline__ TilePlace at() {
        unsigned t = thread_again() % kGroupThreads;
        return {static_cast<int>(t / 32 * 16 + t % 32 / 4), static_cast<int>(t % 4 * 2)};
    }
    // lost is the place of the sum that `bit` names, 4 j + 2 h + e of a lane's columns 64 part to 64 part + 63.
    static __device__ __forceinline__ TilePlace lost(int part, unsigned lane, unsigned bit) {
        unsigned warp = thread_again() % kGroupThreads / 32;
        return {static_cast<int>(warp * 16 + bit / 2 % 2 * 8 + lane / 4),
                static_cast<int>(part * 64 + bit / 4 * 8 + lane % 4 * 2 + bit % 2)};
    }
    // A call would have ptxas wait for every product in flight.
    static __device__ __forceinline__ float exact(const float *x, const float *y, int d, int metric) {
        return exact_score_here(x, y, d, metric);
    }
};

// group_scores is tile_scores for a half, x being the figures of the thread's two rows.
__device__ __forceinline__ bool group_scores(float (&sum)[64], float (&most)[2], const TileProblem &p, const float2 *y_figures,
                                             const float2 (&x)[2]) {
    int col = GroupPlace::at().col;
    most[0] = most[1] = -INFINITY;
#pragma unroll
    for (int j = 0; j < 16; j++) {
        float4 y = *reinterpret_cast<const float4 *>(y_figures + col + 8 * j);  // of two columns
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float &left = sum[4 * j + 2 * h], &right = sum[4 * j + 2 * h + 1];
            left = fmaf(left * x[h].x, y.x, x[h].y + y.y), right = fmaf(right * x[h].x, y.z, x[h].y + y.w);
            most[h] = max_nan(max_nan(most[h], left), right);
        }
    }
    bool close = false;
#pragma unroll
    for (int h = 0; h < 2; h++) close |= !(most[h] <= (p.metric == kSquaredL2 ? x[h].y * kNear : INFINITY));
    return __any_sync(kWholeWarp, close);
}

// group_mend is tile_mend for a half.
__device__ __forceinline__ void group_mend(float (&sum)[64], const TileProblem &p, const float2 *y_figures, const float2 (&x)[2], int row0,
                                           int col0) {
    bool l2 = p.metric == kSquaredL2;
    float share = l2 ? kCancelled : 0, limit = l2 ? 0 : INFINITY;
    int col = GroupPlace::at().col;
#pragma unroll
    for (int part = 0; part < 2; part++) {
        float scores[8][4];
        unsigned lost = 0;
#pragma unroll
        for (int e = 0; e < 32; e++) {
            float s = scores[e / 4][e % 4] = sum[32 * part + e];
            float norms = x[e / 2 % 2].y + y_figures[col + 64 * part + e / 4 * 8 + e % 2].y;
            if (!(s <= fmaf(norms, share, limit))) lost |= 1u << e;
        }
        mend_scores<GroupPlace>(scores, part, lost, p, y_figures, row0, col0);
#pragma unroll
        for (int e = 0; e < 32; e++) sum[32 * part + e] = scores[e / 4][e % 4];
    }
}

// group_forget is tile_forget for a half.
__device__ __forceinline__ bool group_forget(float (&s)[64], int row0, int col0, int m, int self) {
    bool edge = col0 + kTileRows > m, met = self >= 0 && col0 < self + row0 + 64 && col0 + kTileRows > self + row0;
    if (!edge && !met) return false;
    TilePlace at = GroupPlace::at();
#pragma unroll
    for (int e = 0; e < 64; e++) {
        int col = col0 + at.col + e / 4 * 8 + e % 2, own = self < 0 ? -1 : self + row0 + at.row + e / 2 % 2 * 8;
        if (col >= m || col == own) s[e] = NAN;
    }
    return true;
}

// group_most is tile_most for a half.
__device__ __forceinline__ void group_most(const float (&s)[64], float (&most)[2]) {
    most[0] = most[1] = -INFINITY;
#pragma unroll
    for (int e = 0; e < 64; e++) most[e / 2 % 2] = fmaxf(most[e / 2 % 2], s[e]);
}
