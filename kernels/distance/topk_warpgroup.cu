// TopK as in topk.cu, by the warpgroups of compute capability 9.0.
#include "../include/warpgroup_walk.cuh"
#include "select.cuh"

#ifdef UDML_WARPGROUPS
namespace distance_topk_warpgroup {

using distance_select::Segments;

// GatherOfGroup is Gather of topk.cu. A row is all of one warp's, so that its list needs no barrier but the warp's.
template <TileFormat FORMAT>
struct GatherOfGroup {
    static constexpr int kShared = 2 * kWalkRows * sizeof(float);
    static constexpr bool kTurns = false;
    int self;
    ScoreKey *keys;
    int room, k, most;  // places of a list; wanted; at most so many stay when a list is cut

    // start is before the walk's first barrier. All scores pass at first, -Inf too, but no NaN; rows past the end have a bar that nothing
    // passes.
    __device__ __forceinline__ void start(int n) const {
        for (int i = threadIdx.x; i < kWalkRows; i += blockDim.x) {
            counts()[i] = 0;
            bars()[i] = block_row() + i < n ? -INFINITY : NAN;
        }
    }
    static __device__ __forceinline__ int *counts() { return static_cast<int *>(walk_rest()); }  // [256]
    static __device__ __forceinline__ float *bars() { return reinterpret_cast<float *>(counts() + kWalkRows); }  // [256]
    static __device__ __forceinline__ int block_row() { return static_cast<int>(blockIdx.x) * kWalkRows; }
    __device__ __forceinline__ ScoreKey *list(int row) const {
        return keys + ((static_cast<size_t>(block_row()) + row) * gridDim.y + blockIdx.y) * room;
    }

    template <int HALF>
    __device__ __forceinline__ float least(int, int row, const TileProblem &) const {
        return bars()[row - block_row()];
    }

    template <int HALF>
    __device__ __forceinline__ void half(const float (&s)[64], const float (&)[2], unsigned parts, int row0, int col0,
                                         const TileProblem &) const {
        TilePlace at = GroupPlace::at();
        int first = row0 - block_row();  // of the half, in the block
#pragma unroll
        for (int part = 0; part < kParts; part++)
            if (parts >> part & 1) gather(s, part, first + at.row, col0 + part * kPartColumns + at.col);
        __syncwarp();
        first += at.row / 16 * 16;  // of the warp
        int lane = thread_again() % 32;
        unsigned full = __ballot_sync(kWholeWarp, lane < 16 && counts()[first + lane % 16] > room - kTileRows);
#pragma unroll 1
        for (; full; full &= full - 1) cut(first + __ffs(static_cast<int>(full)) - 1);
        __syncwarp();
    }

    // gather takes the scores of two rows, row and row + 8, in a part: one copy of the taking serves all eight.
    __device__ __forceinline__ void gather(const float (&s)[64], int part, int row, int col) const {
        float upper = bars()[row], lower = bars()[row + 8];
        unsigned taken = 0;
#pragma unroll
        for (int e = 0; e < kPartSums; e++)
            if (s[part * kPartSums + e] >= (e % 4 < 2 ? upper : lower)) taken |= 1u << e;
#pragma unroll 1
        for (; taken; taken &= taken - 1) {
            int n = __ffs(static_cast<int>(taken)) - 1;
            float score = 0;
#pragma unroll
            for (int e = 0; e < kPartSums; e++) score = e == n ? s[part * kPartSums + e] : score;
            int to = row + n / 2 % 2 * 8;
            list(to)[atomicAdd(counts() + to, 1)] = make_key(score, col + n / 4 * 8 + n % 2);
        }
    }

    // cut makes room in a row's list.
    __device__ __forceinline__ void cut(int row) const {
        Segments all = {list(row), counts() + row, 1, room};
        if (counts()[row] < k) return;  // then the list has room for every column
        int kept = distance_select::keep(all, distance_select::threshold(all, k, most));
        float worst = distance_select::least(all.keys, kept);
        __syncwarp();
        if (threadIdx.x % 32 == 0) counts()[row] = kept, bars()[row] = score_above(worst);
    }

    // finish is a warp's, for 16 rows of each half.
    __device__ __forceinline__ void finish(int *to, int n) const {
        int lane = threadIdx.x % 32, row = group_row<FORMAT>() + lane / 16 * 64 + GroupPlace::at().row / 16 * 16 + lane % 16;
        if (lane < 16 * WalkShape<FORMAT>::kHalves && row < n)
            to[static_cast<size_t>(row) * gridDim.y + blockIdx.y] = counts()[row - block_row()];
    }
};

template <TileFormat FORMAT, int CHUNKS>
__device__ __forceinline__ void run(const TileProblem &p, GatherOfGroup<FORMAT> gather, int *counts) {
    gather.start(p.n);
    warpgroup_walk<FORMAT, CHUNKS>(p, blockIdx.y * p.per, tile_part(p), gather);
    if (threadIdx.x >= kGroupThreads) gather.finish(counts, p.n);
}

}  // namespace distance_topk_warpgroup
#define TOPK_BODY(format, chunks) \
    distance_topk_warpgroup::run<format, chunks>(TILE_PROBLEM, {self, keys, room, k, most}, counts)
#else
#define TOPK_BODY(format, chunks)  // other GPUs than those of 9.0 do not launch them
#endif
#define TOPK_PARAMETERS TILE_PARAMETERS, ScoreKey *keys, int *counts, int room, int k, int most, int self

// As the kernels of topk.cu. The number is how many elements a row has at most.
KERNEL_WGMMA(distance_topk_groups_fp32_32)
KERNEL_BOUNDS(384, 1, distance_topk_groups_fp32_32, TOPK_PARAMETERS) { TOPK_BODY(kTileSplit, 1); }
KERNEL_WGMMA(distance_topk_groups_fp32_64)
KERNEL_BOUNDS(384, 1, distance_topk_groups_fp32_64, TOPK_PARAMETERS) { TOPK_BODY(kTileSplit, 2); }
KERNEL_WGMMA(distance_topk_groups_fp32_96)
KERNEL_BOUNDS(384, 1, distance_topk_groups_fp32_96, TOPK_PARAMETERS) { TOPK_BODY(kTileSplit, 3); }
KERNEL_WGMMA(distance_topk_groups_fp32_128)
KERNEL_BOUNDS(384, 1, distance_topk_groups_fp32_128, TOPK_PARAMETERS) { TOPK_BODY(kTileSplit, 4); }
KERNEL_WGMMA(distance_topk_groups_tf32_64)
KERNEL_BOUNDS(640, 1, distance_topk_groups_tf32_64, TOPK_PARAMETERS) { TOPK_BODY(kTileHalf, 1); }
KERNEL_WGMMA(distance_topk_groups_tf32_128)
KERNEL_BOUNDS(640, 1, distance_topk_groups_tf32_128, TOPK_PARAMETERS) { TOPK_BODY(kTileHalf, 2); }
KERNEL_WGMMA(distance_topk_groups_tf32_192)
KERNEL_BOUNDS(640, 1, distance_topk_groups_tf32_192, TOPK_PARAMETERS) { TOPK_BODY(kTileHalf, 3); }
KERNEL_WGMMA(distance_topk_groups_bf16_64)
KERNEL_BOUNDS(640, 1, distance_topk_groups_bf16_64, TOPK_PARAMETERS) { TOPK_BODY(kTileBf16, 1); }
KERNEL_WGMMA(distance_topk_groups_bf16_128)
KERNEL_BOUNDS(640, 1, distance_topk_groups_bf16_128, TOPK_PARAMETERS) { TOPK_BODY(kTileBf16, 2); }
KERNEL_WGMMA(distance_topk_groups_bf16_192)
KERNEL_BOUNDS(640, 1, distance_topk_groups_bf16_192, TOPK_PARAMETERS) { TOPK_BODY(kTileBf16, 3); }
#undef TOPK_BODY
#undef TOPK_PARAMETERS
