// From products to scores: the end of a tile of the main loop, still in registers.
#pragma once
#include "tile_product.cuh"

// cancelled is the part of |x|^2 + |y|^2 below which a squared distance made of them has lost too many digits.
constexpr float kCancelled = 1.0f / 1024;

// exact_score computes the score of two rows themselves: by differences, in double, so that nothing cancels;
// infinite elements give infinities or NaN, and a cosine with them is NaN. It is not inlined, because its
// registers would be missing to the loop around, which needs them all.
static __device__ __noinline__ float exact_score(const float *x, const float *y, int d, int metric) {
    double sum = 0;
#pragma unroll 1
    for (int k = 0; k < d; k++) {
        double a = x[k], b = y[k], diff = x[k] - y[k];
        sum += metric == kSquaredL2 ? -diff * diff : a * b;
    }
    return metric == kCosine ? NAN : static_cast<float>(sum);
}

// mend_scores computes again the scores whose bits are set in `lost`: of sum[i], bit 4 j + 2 h + e. One copy of the
// loop serves all of them, and the choice among 32 registers is cheap beside it.
__device__ __forceinline__ void mend_scores(float (&sum)[8][4], unsigned lost, const TileProblem &p, const float2 *y_figures,
                                            TilePlace at, int row0, int col0) {
#pragma unroll 1
    for (; lost; lost &= lost - 1) {
        int n = __ffs(lost) - 1;
        int i = at.row + n / 2 % 2 * 8, j = at.col + n / 4 * 8 + n % 2;
        if (row0 + i >= p.n || col0 + j >= p.m) continue;
        float s = p.x_figures[row0 + i].y + y_figures[j].y;
        const float *x = p.x_rows + static_cast<size_t>(row0 + i) * p.d, *y = p.y_rows + static_cast<size_t>(col0 + j) * p.d;
        if (s == s) s = exact_score(x, y, p.d, p.metric);  // where there is a NaN in a row, the figures tell
#pragma unroll
        for (int e = 0; e < 32; e++)
            if (e == n) sum[e / 4][e % 4] = s;
    }
}

// tile_scores turns sums of products into scores. The figures of its 128 columns are in shared memory, those of its
// rows in the first-level cache after the first tile.
__device__ __forceinline__ void tile_scores(float (&sum)[2][8][4], const TileProblem &p, const float2 *y_figures,
                                            TilePlace at, int row0, int col0) {
    // A score above `share` (|x|^2 + |y|^2) + limit is computed again; without squared distances none is, except NaN.
    bool l2 = p.metric == kSquaredL2;
    float share = l2 ? kCancelled : 0, limit = l2 ? 0 : INFINITY;
    float2 x[4];
#pragma unroll
    for (int r = 0; r < 4; r++) x[r] = p.x_figures[row0 + at.row + 8 * r];
    unsigned lost[2] = {0, 0};
#pragma unroll
    for (int e = 0; e < 64; e++) {
        int j = e / 8, i = e / 4 % 2, at_sum = e % 4;  // by columns, whose figures then need few registers at a time
        float2 own = x[2 * i + at_sum / 2], y = y_figures[at.col + 8 * j + e % 2];
        float norms = own.y + y.y, s = fmaf(sum[i][j][at_sum] * own.x, y.x, norms);
        sum[i][j][at_sum] = s;
        if (!(s <= fmaf(norms, share, limit))) lost[i] |= 1u << (4 * j + at_sum);
    }
    if (lost[0] | lost[1]) {
        mend_scores(sum[0], lost[0], p, y_figures, at, row0, col0);
        mend_scores(sum[1], lost[1], p, y_figures, {at.row + 16, at.col}, row0, col0);
    }
}

// tile_forget makes NaN, which no search chooses, of the scores past the last column and of each row with itself:
// row i of x is row self + i of y, unless self is -1.
__device__ __forceinline__ void tile_forget(float (&s)[2][8][4], TilePlace at, int row0, int col0, int m, int self) {
    bool edge = col0 + kTileRows > m, met = self >= 0 && col0 < self + row0 + kTileRows && col0 + kTileRows > self + row0;
    if (!edge && !met) return;
#pragma unroll
    for (int r = 0; r < 4; r++) {
        int own = self < 0 ? -1 : self + row0 + at.row + 8 * r;
#pragma unroll
        for (int e = 0; e < 16; e++) {
            int col = col0 + at.col + e / 2 * 8 + e % 2;
            if (col >= m || col == own) s[r / 2][e / 2][r % 2 * 2 + e % 2] = NAN;
        }
    }
}
