// The best row of y for each row of x: TopK for k = 1, and so cluster.Assign. The scores never leave the registers.
#include "best_score.cuh"

namespace distance_nearest {

template <TileFormat FORMAT>
__device__ __forceinline__ void run(const TileProblem &p, ScoreKey *keys, int self) {
    TileWalk<FORMAT> walk(p, tile_chunks<FORMAT>(p.d));
    BestScore<false> best(self, nullptr, nullptr);
    tile_walk(p, walk, best);
    best.write(keys, p);
}

}  // namespace distance_nearest

// keys [n] start as 0; row 0 of x is row self of y, or no row is where self is -1.
KERNEL_BOUNDS(256, 2, distance_nearest_fp32, TILE_PARAMETERS, ScoreKey *keys, int self) {
    distance_nearest::run<kTileSplit>(TILE_PROBLEM, keys, self);
}
KERNEL_BOUNDS(256, 2, distance_nearest_tf32, TILE_PARAMETERS, ScoreKey *keys, int self) {
    distance_nearest::run<kTileHalf>(TILE_PROBLEM, keys, self);
}
KERNEL_BOUNDS(256, 2, distance_nearest_bf16, TILE_PARAMETERS, ScoreKey *keys, int self) {
    distance_nearest::run<kTileBf16>(TILE_PROBLEM, keys, self);
}

// vals [n] = the metric's value and idx [n] = the column of each key; the worst value and -1 where there is none.
// sign is -1 where scores are negated distances.
KERNEL(distance_nearest_write, float *vals, int *idx, const ScoreKey *keys, long long n, float sign) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        ScoreKey key = keys[i];
        if (vals) vals[i] = 0.0f + sign * (key ? key_score(key) : -INFINITY);
        idx[i] = key ? key_col(key) : -1;
    }
}
