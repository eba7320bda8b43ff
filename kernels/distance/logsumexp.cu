// log sum exp over each row of the matrix of scores, which is never written. Each thread sums its 16 scores a tile
// and keeps a running base, so that nothing overflows; parts are merged by a second kernel in a fixed order.
#include "../include/reduce.cuh"
#include "../include/tile.cuh"

namespace distance_lse {

constexpr float kLog2e = 1.4426950408889634f;

// Sum is log(sum of exps) in two parts: sum times exp(base). The base is a finite value seen, or -Inf before there
// was one.
struct Sum {
    float base, sum;

    // raise makes base at least `value`, unless that is infinite: Inf - Inf would be NaN. Without a base the sum is
    // 0, Inf or NaN for any base.
    __device__ __forceinline__ void raise(float value) {
        if (!(value > base && value < INFINITY)) return;
        if (base > -INFINITY) sum *= exp2f((base - value) * kLog2e);
        base = value;
    }
    __device__ __forceinline__ float part(float value) const {
        return exp2f((value - (base > -INFINITY ? base : 0)) * kLog2e);
    }

    __device__ __forceinline__ void merge(Sum other) {
        float before = base;
        raise(other.base);
        if (before == base) other.raise(base);
        sum += other.sum;
    }
};

struct LogSumExp {
    static constexpr bool kForgets = false;
    int self;
    float scale;  // of scores: negative for distances when the contract's is positive
    Sum rows[4];

    __device__ __forceinline__ explicit LogSumExp(float scale) : self(-1), scale(scale) {
        for (int r = 0; r < 4; r++) rows[r] = {-INFINITY, 0};
    }

    __device__ __forceinline__ void tile(float (&s)[2][8][4], const float (&)[4], TilePlace at, int, int col0, const TileProblem &p) {
        int left = p.m - col0 - at.col;  // columns from this thread's first on
#pragma unroll
        for (int r = 0; r < 4; r++) {
            float most = -INFINITY;
#pragma unroll
            for (int e = 0; e < 16; e++) {
                float &v = s[r / 2][e / 2][r % 2 * 2 + e % 2];
                v = e / 2 * 8 + e % 2 < left ? v * scale : -INFINITY;
                most = fmaxf(most, v);
            }
            rows[r].raise(most);
            float sum = 0;
#pragma unroll
            for (int e = 0; e < 16; e++) sum += rows[r].part(s[r / 2][e / 2][r % 2 * 2 + e % 2]);
            rows[r].sum += sum;
        }
    }

    // write merges the four lanes of a row, always the lower with the higher, and stores one part for each half of
    // the columns.
    __device__ __forceinline__ void write(float2 *parts, const TileProblem &p) {
        TilePlace at = tile_place();
#pragma unroll
        for (int r = 0; r < 4; r++) {
#pragma unroll
            for (int step = 1; step < 4; step *= 2) {
                float base = __shfl_down_sync(kWholeWarp, rows[r].base, step);
                rows[r].merge({base, __shfl_down_sync(kWholeWarp, rows[r].sum, step)});
            }
            int row = blockIdx.x * kTileRows + at.row + 8 * r;
            size_t part = blockIdx.y * 2 + threadIdx.x / 32 % 2;
            if (row < p.n && threadIdx.x % 4 == 0) parts[part * p.n + row] = make_float2(rows[r].base, rows[r].sum);
        }
    }
};

template <TileFormat FORMAT>
__device__ __forceinline__ void run(const TileProblem &p, float2 *parts, float scale) {
    TileWalk<FORMAT> walk(p, tile_chunks<FORMAT>(p.d));
    LogSumExp rows(scale);
    tile_walk(p, walk, rows);
    rows.write(parts, p);
}

}  // namespace distance_lse

// parts [2 gridDim.y, n]: base and sum of each row's columns in each part.
KERNEL_BOUNDS(256, 2, distance_lse_fp32, TILE_PARAMETERS, float2 *parts, float scale) {
    distance_lse::run<kTileSplit>(TILE_PROBLEM, parts, scale);
}
KERNEL_BOUNDS(256, 2, distance_lse_tf32, TILE_PARAMETERS, float2 *parts, float scale) {
    distance_lse::run<kTileHalf>(TILE_PROBLEM, parts, scale);
}
KERNEL_BOUNDS(256, 2, distance_lse_bf16, TILE_PARAMETERS, float2 *parts, float scale) {
    distance_lse::run<kTileBf16>(TILE_PROBLEM, parts, scale);
}

// y [n] = the log of all parts; -Inf where there are none.
KERNEL(distance_lse_merge, float *y, const float2 *parts, int count, long long n) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        distance_lse::Sum all = {-INFINITY, 0};
        for (int p = 0; p < count; p++) all.merge({parts[p * n + i].x, parts[p * n + i].y});
        y[i] = (all.base > -INFINITY ? all.base : 0) + logf(all.sum);
    }
}
