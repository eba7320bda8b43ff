// From products to scores: the end of a tile of the main loop, still in registers.
#pragma once
#include "pack.cuh"
#include "reduce.cuh"
#include "tile_product.cuh"

// cancelled is the part of |x|^2 + |y|^2 below which a squared distance made of them has lost too many digits.
constexpr float kCancelled = 1.0f / 1024;

// kNear is the part of |x|^2 alone below which every such distance lies: d <= (kCancelled + f) (|x|^2 + |y|^2), where f is
// the error of 2 x.y relative to |x|^2 + |y|^2, gives |y|^2 <= 3 |x|^2 for any f up to 0.13, and bfloat16 has f = 2^-7.
constexpr float kNear = 4 * kCancelled;

// exact_score computes the score of two rows themselves, by one warp: by differences, in double, so that nothing
// cancels; infinite elements give infinities or NaN, and a cosine with them is NaN. A lane takes four neighbouring
// elements of each 128, in one load where all rows are aligned, and the same four where they are not: the sum has one
// order.
__device__ __forceinline__ float exact_score_here(const float *x, const float *y, int d, int metric) {
    bool aligned = ((reinterpret_cast<size_t>(x) | reinterpret_cast<size_t>(y)) % 16 | d % 4) == 0;
    double sum = 0;
#pragma unroll 1
    for (int k = threadIdx.x % 32 * 4; k < d; k += 128) {
        Pack<4> a = filled<4>(0), b = a;
        if (aligned) {
            a = load<4>(x + k), b = load<4>(y + k);
        } else {
#pragma unroll
            for (int e = 0; e < 4; e++)
                if (k + e < d) a[e] = x[k + e], b[e] = y[k + e];
        }
#pragma unroll
        for (int e = 0; e < 4; e++) {
            float apart = a[e] - b[e];
            sum += static_cast<double>(metric == kSquaredL2 ? -apart : a[e]) * (metric == kSquaredL2 ? apart : b[e]);
        }
    }
    sum = warp_sum(sum);
    return metric == kCosine ? NAN : static_cast<float>(sum);
}

// exact_score is not inlined, because its registers would be missing to the loop around, which needs them all.
static __device__ __noinline__ float exact_score(const float *x, const float *y, int d, int metric) {
    return exact_score_here(x, y, d, metric);
}

// TileLost says of the loop of tile.cuh how lost scores are found and computed.
struct TileLost {
    // lost is the row and the column, in the tile, of the sum that `bit` names, 4 j + 2 h + e of a lane's sum[half].
    static __device__ __forceinline__ TilePlace lost(int half, unsigned lane, unsigned bit) {
        unsigned warp = thread_again() / 32;
        return {static_cast<int>(warp / 2 * 32 + half * 16 + bit / 2 % 2 * 8 + lane / 4),
                static_cast<int>(warp % 2 * 64 + bit / 4 * 8 + lane % 4 * 2 + bit % 2)};
    }
    static __device__ __forceinline__ float exact(const float *x, const float *y, int d, int metric) {
        return exact_score(x, y, d, metric);
    }
};

// mend_scores computes again the scores whose bits are set in `lost`: of sum[half]. All lanes call: the warp takes one
// score of each lane after the other. One copy of the loop serves all of them, and the choice among 32 registers is cheap
// beside it.
template <class Lost>
__device__ __forceinline__ void mend_scores(float (&sum)[8][4], int half, unsigned lost, const TileProblem &p,
                                            const float2 *y_figures, int row0, int col0) {
#pragma unroll 1
    for (; __any_sync(kWholeWarp, lost); lost &= lost - 1) {
        unsigned bit = (__ffs(lost) - 1) & 31;
        float s = NAN;  // also in rows and columns that only fill the tile
        TilePlace at = Lost::lost(half, thread_again() % 32, bit);
        if (lost && row0 + at.row < p.n && col0 + at.col < p.m) s = p.x_figures[row0 + at.row].y + y_figures[at.col].y;
        // Where there is a NaN in a row, the figures tell.
#pragma unroll 1
        for (unsigned lanes = __ballot_sync(kWholeWarp, s == s); lanes; lanes &= lanes - 1) {
            unsigned lane = __ffs(lanes) - 1;
            at = Lost::lost(half, lane, __shfl_sync(kWholeWarp, bit, lane));
            float exact = Lost::exact(p.x_rows + static_cast<size_t>(row0 + at.row) * p.d,
                                     p.y_rows + static_cast<size_t>(col0 + at.col) * p.d, p.d, p.metric);
            if (thread_again() % 32 == lane) s = exact;
        }
#pragma unroll
        for (unsigned e = 0; e < 32; e++)
            if (lost && e == bit) sum[e / 4][e % 4] = s;
    }
}

// tile_scores turns sums of products into scores, and tells the warp whether one of them may have to be mended. The
// figures of its 128 columns are in shared memory, those of its rows in the first-level cache after the first tile.
// most[r] becomes the largest of the thread's scores of a row, or NaN if one is. One comparison a row then does for all: a
// squared distance can only cancel where the lengths of both rows are close, so that it is below the row's own part
// of the limit, kNear, however the products were rounded.
__device__ __forceinline__ bool tile_scores(float (&sum)[2][8][4], float (&most)[4], const TileProblem &p,
                                            const float2 *y_figures, TilePlace at, int row0) {
    float2 x[4];
#pragma unroll
    for (int r = 0; r < 4; r++) x[r] = p.x_figures[row0 + at.row + 8 * r], most[r] = -INFINITY;
#pragma unroll
    for (int e = 0; e < 64; e++) {
        int j = e / 8, r = e / 2 % 4;  // by columns, whose figures then need few registers at a time
        float2 own = x[r], y = y_figures[at.col + 8 * j + e % 2];
        float &s = sum[r / 2][j][r % 2 * 2 + e % 2];
        s = fmaf(s * own.x, y.x, own.y + y.y);
        most[r] = max_nan(most[r], s);
    }
    bool close = false;
#pragma unroll
    for (int r = 0; r < 4; r++) close |= !(most[r] <= (p.metric == kSquaredL2 ? x[r].y * kNear : INFINITY));
    return __any_sync(kWholeWarp, close);
}

// tile_mend computes again the squared distances that have lost too many digits, and what is not a number.
__device__ __forceinline__ void tile_mend(float (&sum)[2][8][4], const TileProblem &p, const float2 *y_figures, TilePlace at,
                                          int row0, int col0) {
    bool l2 = p.metric == kSquaredL2;
    float share = l2 ? kCancelled : 0, limit = l2 ? 0 : INFINITY;
#pragma unroll
    for (int i = 0; i < 2; i++) {
        float upper = p.x_figures[row0 + at.row + 16 * i].y, lower = p.x_figures[row0 + at.row + 16 * i + 8].y;
        unsigned lost = 0;
#pragma unroll
        for (int e = 0; e < 32; e++) {
            float norms = (e % 4 < 2 ? upper : lower) + y_figures[at.col + e / 4 * 8 + e % 2].y;
            if (!(sum[i][e / 4][e % 4] <= fmaf(norms, share, limit))) lost |= 1u << e;
        }
        mend_scores<TileLost>(sum[i], i, lost, p, y_figures, row0, col0);
    }
}

// tile_forget makes NaN, which no search chooses, of the scores past the last column and of each row with itself:
// row i of x is row self + i of y, unless self is -1. It tells whether there may be any.
__device__ __forceinline__ bool tile_forget(float (&s)[2][8][4], TilePlace at, int row0, int col0, int m, int self) {
    bool edge = col0 + kTileRows > m, met = self >= 0 && col0 < self + row0 + kTileRows && col0 + kTileRows > self + row0;
    if (!edge && !met) return false;
#pragma unroll
    for (int r = 0; r < 4; r++) {
        int own = self < 0 ? -1 : self + row0 + at.row + 8 * r;
#pragma unroll
        for (int e = 0; e < 16; e++) {
            int col = col0 + at.col + e / 2 * 8 + e % 2;
            if (col >= m || col == own) s[r / 2][e / 2][r % 2 * 2 + e % 2] = NAN;
        }
    }
    return true;
}

// tile_most finds the largest number of each row again, where scores have changed.
__device__ __forceinline__ void tile_most(const float (&s)[2][8][4], float (&most)[4]) {
#pragma unroll
    for (int r = 0; r < 4; r++) {
        most[r] = -INFINITY;
#pragma unroll
        for (int e = 0; e < 16; e++) most[r] = fmaxf(most[r], s[r / 2][e / 2][r % 2 * 2 + e % 2]);
    }
}
