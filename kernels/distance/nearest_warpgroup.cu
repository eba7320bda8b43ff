// The best row of y for each row of x, as in nearest.cu, by the warpgroups of compute capability 9.0: the search of k-means and
// cluster.Assign.
#include "best_group.cuh"

#ifdef UDML_WARPGROUPS
namespace distance_warpgroup {

template <TileFormat FORMAT, int CHUNKS>
__device__ __forceinline__ void nearest(const TileProblem &p, ScoreKey *keys, int self) {
    BestOfGroup<FORMAT, false> best(self, nullptr, nullptr);
    warpgroup_walk<FORMAT, CHUNKS>(p, blockIdx.y * p.per, tile_part(p), best);
    if (threadIdx.x >= kGroupThreads) best.write(keys, p.n);
}

}  // namespace distance_warpgroup
#define NEAREST_BODY(format, chunks) distance_warpgroup::nearest<format, chunks>(TILE_PROBLEM, keys, self)
#else
#define NEAREST_BODY(format, chunks)  // other GPUs than those of 9.0 do not launch them
#endif
#define NEAREST_PARAMETERS TILE_PARAMETERS, ScoreKey *keys, int self

// The number is how many elements a row has at most. keys [n] start as 0; row 0 of x is row self of y, or no row is where self is -1.
KERNEL_WGMMA(distance_nearest_groups_fp32_32)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_fp32_32, NEAREST_PARAMETERS) { NEAREST_BODY(kTileSplit, 1); }
KERNEL_WGMMA(distance_nearest_groups_fp32_64)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_fp32_64, NEAREST_PARAMETERS) { NEAREST_BODY(kTileSplit, 2); }
KERNEL_WGMMA(distance_nearest_groups_fp32_96)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_fp32_96, NEAREST_PARAMETERS) { NEAREST_BODY(kTileSplit, 3); }
KERNEL_WGMMA(distance_nearest_groups_fp32_128)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_fp32_128, NEAREST_PARAMETERS) { NEAREST_BODY(kTileSplit, 4); }
KERNEL_WGMMA(distance_nearest_groups_tf32_64)
KERNEL_BOUNDS(640, 1, distance_nearest_groups_tf32_64, NEAREST_PARAMETERS) { NEAREST_BODY(kTileHalf, 1); }
KERNEL_WGMMA(distance_nearest_groups_tf32_128)
KERNEL_BOUNDS(640, 1, distance_nearest_groups_tf32_128, NEAREST_PARAMETERS) { NEAREST_BODY(kTileHalf, 2); }
KERNEL_WGMMA(distance_nearest_groups_tf32_192)
KERNEL_BOUNDS(640, 1, distance_nearest_groups_tf32_192, NEAREST_PARAMETERS) { NEAREST_BODY(kTileHalf, 3); }
KERNEL_WGMMA(distance_nearest_groups_bf16_64)
KERNEL_BOUNDS(640, 1, distance_nearest_groups_bf16_64, NEAREST_PARAMETERS) { NEAREST_BODY(kTileBf16, 1); }
KERNEL_WGMMA(distance_nearest_groups_bf16_128)
KERNEL_BOUNDS(640, 1, distance_nearest_groups_bf16_128, NEAREST_PARAMETERS) { NEAREST_BODY(kTileBf16, 2); }
KERNEL_WGMMA(distance_nearest_groups_bf16_192)
KERNEL_BOUNDS(640, 1, distance_nearest_groups_bf16_192, NEAREST_PARAMETERS) { NEAREST_BODY(kTileBf16, 3); }
#undef NEAREST_BODY
#undef NEAREST_PARAMETERS
