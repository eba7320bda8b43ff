// The whole matrix of distances or similarities: the one epilogue that writes scores. Bound by that: four lanes
// write 32 bytes that lie side by side, a whole sector of memory.
#include "../include/tile.cuh"
#include "pairwise_store.cuh"

namespace distance_pairwise {

struct Store {
    static constexpr bool kForgets = false;
    int self;
    PairwiseStore to;

    __device__ __forceinline__ void tile(const float (&s)[2][8][4], const float (&)[4], TilePlace at, int row0, int col0,
                                         const TileProblem &p) {
        bool aligned = to.aligned(p.m);
        int col = col0 + at.col, left = p.m - col;
#pragma unroll
        for (int r = 0; r < 4; r++) {
            int row = row0 + at.row + 8 * r;
            if (row >= p.n) continue;
            float *line = to.dst + static_cast<long long>(row) * p.m + col;
#pragma unroll
            for (int j = 0; j < 8; j++) {
                const float *pair = s[r / 2][j] + r % 2 * 2;
                if (8 * j < left) to.put(line + 8 * j, 8 * j + 1 < left, aligned, pair[0], pair[1]);
            }
        }
    }
};

template <TileFormat FORMAT>
__device__ __forceinline__ void run(const TileProblem &p, float *dst, float sign) {
    TileWalk<FORMAT> walk(p, tile_chunks<FORMAT>(p.d));
    Store store = {-1, {dst, sign}};
    tile_walk(p, walk, store);
}

}  // namespace distance_pairwise

KERNEL_BOUNDS(256, 2, distance_pairwise_fp32, TILE_PARAMETERS, float *dst, float sign) {
    distance_pairwise::run<kTileSplit>(TILE_PROBLEM, dst, sign);
}
KERNEL_BOUNDS(256, 2, distance_pairwise_tf32, TILE_PARAMETERS, float *dst, float sign) {
    distance_pairwise::run<kTileHalf>(TILE_PROBLEM, dst, sign);
}
KERNEL_BOUNDS(256, 2, distance_pairwise_bf16, TILE_PARAMETERS, float *dst, float sign) {
    distance_pairwise::run<kTileBf16>(TILE_PROBLEM, dst, sign);
}
