// tile_score.cuh for the sums of a warpgroup (warpgroup_walk.cuh): 64 rows by 128 columns, two rows and 64 sums a thread.
//
// Few scores matter to a search: of 10,000 columns a row's best one is raised ten times. So a half's sums first become bounds of its
// scores, with two operations each and a comparison, and only the parts of 16 columns in which a bound reaches what its row asks for
// become scores, mended where they have cancelled. They are then those of tile_score.cuh, bit for bit.
#pragma once
#include "tile_score.cuh"

constexpr int kGroupThreads = 128;
constexpr int kParts = 8;  // of a half
constexpr int kMostParts = 5;  // named parts for which a look at bounds pays
constexpr int kPartColumns = kTileRows / kParts, kPartSums = 64 / kParts;  // of a part; sums of a thread

// GroupPlace is where a thread's sums of a half lie.
struct GroupPlace {
    static __device__ __forceinline__ TilePlace at() {
        unsigned t = thread_again() % kGroupThreads;
        return {static_cast<int>(t / 32 * 16 + t % 32 / 4), static_cast<int>(t % 4 * 2)};
    }
    // lost is the place of the sum that `bit` names, 4 j + 2 h + e of a lane's columns 64 side to 64 side + 63.
    static __device__ __forceinline__ TilePlace lost(int side, unsigned lane, unsigned bit) {
        unsigned warp = thread_again() % kGroupThreads / 32;
        return {static_cast<int>(warp * 16 + bit / 2 % 2 * 8 + lane / 4),
                static_cast<int>(side * 64 + bit / 4 * 8 + lane % 4 * 2 + bit % 2)};
    }
    // A call would have ptxas wait for every product in flight.
    static __device__ __forceinline__ float exact(const float *x, const float *y, int d, int metric) {
        return exact_score_here(x, y, d, metric);
    }
};

// Scores of a row below `least` change nothing, and none does where it is NaN. group_bar is what bounds are compared with, given the row's
// figures: never above the bound of a score that is not below least or that may have lost digits, and NaN where bounds do not tell.
//
// A score is s = fma(p * x.x, y.x, x.y + y.y), its bound u = fma(p * x.x, y.x, y.y), or, where rows of x are
// packed as they are (distance/prepare.cu), fma(p, y.x, y.y): all but x's own part. Where a squared distance d is not above -least,
// |y|^2 <= 2.2 (|x|^2 + d), since |x.y| <= 1.01 |x| |y| in any format; s, u and the bar are then rounded by at most 8 2^-24 (|x|^2 + d) in
// all, and the bar is lowered by 16 2^-24.
template <TileFormat FORMAT>
__device__ __forceinline__ float group_bar(float least, float2 x, int metric) {
    constexpr float kRounded = 0x1p-20f, kTiny = 0x1p-100f, kMost = 0x1p64f;
    if (least != least) return INFINITY;
    if (metric == kSquaredL2) {
        least = fminf(least, x.y * kNear);
        float bar = least - x.y - (fabsf(least) + fabsf(x.y)) * kRounded - kTiny;
        return FORMAT == kTileSplit || x.x == 1 ? bar : NAN;
    }
    if (FORMAT != kTileSplit) least = x.x > 1 / kMost && x.x < kMost ? least / x.x : NAN;
    return least - fabsf(least) * kRounded - kTiny;
}

// group_hopeful finds the parts of a half whose bounds reach `bar` in a row of the warp's, as bits: all lanes have the same.
template <TileFormat FORMAT>
__device__ __forceinline__ unsigned group_hopeful(const float (&sum)[64], const float2 *y_figures, const float (&bar)[2],
                                                  const float (&factor)[2]) {
    int col = GroupPlace::at().col;
    unsigned hopeful = 0;
#pragma unroll
    for (int part = 0; part < kParts; part++) {
        bool reached = false;
#pragma unroll
        for (int j = 2 * part; j < 2 * part + 2; j++) {
            float4 y = *reinterpret_cast<const float4 *>(y_figures + col + 8 * j);  // of two columns
#pragma unroll
            for (int h = 0; h < 2; h++) {
                float left = sum[4 * j + 2 * h], right = sum[4 * j + 2 * h + 1];
                if (FORMAT == kTileSplit) left *= factor[h], right *= factor[h];
                reached |= !(fmaf(left, y.x, y.y) < bar[h]) | !(fmaf(right, y.z, y.w) < bar[h]);
            }
        }
        if (reached) hopeful |= 1u << part;
    }
    return __reduce_or_sync(kWholeWarp, hopeful);
}

// part_scores turns a part's sums into scores, and raises most to the largest of each row, or to NaN.
__device__ __forceinline__ void part_scores(float (&sum)[64], float (&most)[2], int part, const float2 *y_figures, const float2 (&x)[2]) {
    int col = GroupPlace::at().col;
#pragma unroll
    for (int j = 2 * part; j < 2 * part + 2; j++) {
        float4 y = read_again(y_figures + col + 8 * j);
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float &left = sum[4 * j + 2 * h], &right = sum[4 * j + 2 * h + 1];
            left = fmaf(left * x[h].x, y.x, x[h].y + y.y), right = fmaf(right * x[h].x, y.z, x[h].y + y.w);
            most[h] = max_nan(max_nan(most[h], left), right);
        }
    }
}

// group_mend computes the scores of the named parts again that have lost too many digits, and what is not a number.
__device__ __forceinline__ void group_mend(float (&sum)[64], unsigned parts, const TileProblem &p, const float2 *y_figures,
                                           const float2 (&x)[2], int row0, int col0) {
    bool l2 = p.metric == kSquaredL2;
    float share = l2 ? kCancelled : 0, limit = l2 ? 0 : INFINITY;
    int col = GroupPlace::at().col;
#pragma unroll
    for (int side = 0; side < 2; side++) {
        float scores[8][4];
        unsigned lost = 0;
#pragma unroll
        for (int e = 0; e < 32; e++) {
            float s = scores[e / 4][e % 4] = sum[32 * side + e];
            float norms = x[e / 2 % 2].y + y_figures[col + 64 * side + e / 4 * 8 + e % 2].y;
            if (!(s <= fmaf(norms, share, limit)) && parts >> (32 * side + e) / kPartSums & 1) lost |= 1u << e;
        }
        mend_scores<GroupPlace>(scores, side, lost, p, y_figures, row0, col0);
#pragma unroll
        for (int e = 0; e < 32; e++) sum[32 * side + e] = scores[e / 4][e % 4];
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

// group_most finds the largest number of each row in the named parts again, where scores have changed.
__device__ __forceinline__ void group_most(const float (&s)[64], float (&most)[2], unsigned parts) {
    most[0] = most[1] = -INFINITY;
#pragma unroll
    for (int part = 0; part < kParts; part++) {
        if (!(parts >> part & 1)) continue;
#pragma unroll
        for (int e = 0; e < kPartSums; e++) most[e / 2 % 2] = fmaxf(most[e / 2 % 2], s[part * kPartSums + e]);
    }
}

// group_scores turns the named parts of a half into scores: NaN past the last column and where a row meets itself. most becomes the
// largest of each row. Whether there is something to mend, one comparison a row tells: see tile_scores.
__device__ __forceinline__ void group_scores(float (&sum)[64], float (&most)[2], unsigned parts, const TileProblem &p,
                                             const float2 *y_figures, const float2 (&x)[2], int row0, int col0, int self) {
    most[0] = most[1] = -INFINITY;
#pragma unroll
    for (int part = 0; part < kParts; part++)
        if (parts >> part & 1) part_scores(sum, most, part, y_figures, x);
    bool close = false;
#pragma unroll
    for (int h = 0; h < 2; h++) close |= !(most[h] <= (p.metric == kSquaredL2 ? x[h].y * kNear : INFINITY));
    bool changed = __any_sync(kWholeWarp, close);
    if (changed) group_mend(sum, parts, p, y_figures, x, row0, col0);
    changed |= group_forget(sum, row0, col0, p.m, self);
    if (changed) group_most(sum, most, parts);
}
