// BestPositive as in best.cu, by the warpgroups of compute capability 9.0.
#include "best_group.cuh"
#include "best_labels.cuh"

#ifdef UDML_WARPGROUPS
namespace distance_best_warpgroup {

// BeforeOfGroup is Before of best.cu.
template <TileFormat FORMAT>
struct BeforeOfGroup {
    struct Row {
        float bar;  // the score of the row's key; NaN where it has none: no score is above NaN, nor equal to it
        int found;
    };
    using Rows = GroupRows<FORMAT, Row>;
    static constexpr int kRows = Rows::kRows, kShared = Rows::kBytes;
    static constexpr bool kTurns = true;
    int self;
    const ScoreKey *keys;

    __device__ __forceinline__ BeforeOfGroup(int self, const ScoreKey *keys, int n) : self(self), keys(keys) {
        for (int r = 0; threadIdx.x >= kGroupThreads && r < kRows; r++) {
            ScoreKey key = keys[min(row(r), n - 1)];
            Rows::of(r) = {key ? key_score(key) : NAN, 0};
        }
    }
    // row is a warp's to ask for.
    static __device__ __forceinline__ int row(int r) { return group_row<FORMAT>() + GroupPlace::at().row + r / 2 * 64 + r % 2 * 8; }

    // least is not above an equal score, which may count too.
    template <int HALF>
    __device__ __forceinline__ float least(int h, int, const TileProblem &) const {
        return Rows::of(2 * HALF + h).bar;
    }

    template <int HALF>
    __device__ __forceinline__ void half(const float (&s)[64], const float (&most)[2], unsigned parts, int, int col0,
                                         const TileProblem &p) {
#pragma unroll
        for (int h = 0; h < 2; h++) {
            Row &of = Rows::of(2 * HALF + h);
            if (!__any_sync(kWholeWarp, most[h] >= of.bar)) continue;
            int before = key_col(keys[min(row(2 * HALF + h), p.n - 1)]) - col0;
            float bar = of.bar;
            if (bar > -INFINITY && before >= kTileRows) bar = score_below(bar);
            else if (before >= 0) of.found += equal(s, parts, h, bar, before - GroupPlace::at().col);
            float more = 0;  // summed as floats, by another unit than the one that compares
#pragma unroll
            for (int e = 0; e < 32; e++)
                if (parts >> e / 4 & 1) more += s[e / 2 * 4 + 2 * h + e % 2] > bar ? 1.0f : 0.0f;
            of.found += static_cast<int>(more);
        }
    }

    // equal counts the scores of a row that equal its bar in columns before the key's.
    static __device__ __forceinline__ int equal(const float (&s)[64], unsigned parts, int h, float bar, int before) {
        int n = 0;
#pragma unroll
        for (int e = 0; e < 32; e++)
            if (parts >> e / 4 & 1) n += (s[e / 2 * 4 + 2 * h + e % 2] == bar) & (e / 2 * 8 + e % 2 < before);
        return n;
    }

    // add brings the counts into rank [n].
    __device__ __forceinline__ void add(int *rank, int n) const {
        for (int r = 0; r < kRows; r++) {
            int at = row(r), found = Rows::of(r).found;
            if (at < n && found > 0) atomicAdd(rank + at, found);
        }
    }
};

// block_labels are the least and the largest label of the block's rows.
__device__ __forceinline__ int2 block_labels(const TileProblem &p, const Labels &labels) {
    int first = blockIdx.x * kWalkTiles, last = (p.n + kTileRows - 1) / kTileRows - 1;
    int2 upper = labels.x_range[first], lower = labels.x_range[min(first + 1, last)];
    return make_int2(min(upper.x, lower.x), max(upper.y, lower.y));
}

template <TileFormat FORMAT, int CHUNKS>
__device__ __forceinline__ void find(const TileProblem &p, ScoreKey *keys, const Labels &labels, int self) {
    int2 tiles = shared_labels(p, labels, block_labels(p, labels));
    int first = __shfl_sync(kWholeWarp, tiles.x, 0), count = __shfl_sync(kWholeWarp, tiles.y, 0) - first;
    if (count <= 0) return;
    BestOfGroup<FORMAT, true> best(self, labels.x, labels.y);
    warpgroup_walk<FORMAT, CHUNKS>(p, first, count, best);
    if (threadIdx.x >= kGroupThreads) best.write(keys, p.n);
}

template <TileFormat FORMAT, int CHUNKS>
__device__ __forceinline__ void count(const TileProblem &p, int *rank, const ScoreKey *keys, int self) {
    BeforeOfGroup<FORMAT> before(self, keys, p.n);
    warpgroup_walk<FORMAT, CHUNKS>(p, blockIdx.y * p.per, tile_part(p), before);
    if (threadIdx.x >= kGroupThreads) before.add(rank, p.n);
}

}  // namespace distance_best_warpgroup
#define FIND_BODY(format, chunks) distance_best_warpgroup::find<format, chunks>(TILE_PROBLEM, keys, LABELS, self)
#define COUNT_BODY(format, chunks) distance_best_warpgroup::count<format, chunks>(TILE_PROBLEM, rank, keys, self)
#else
#define FIND_BODY(format, chunks)  // other GPUs than those of 9.0 do not launch them
#define COUNT_BODY(format, chunks)
#endif
#define FIND_PARAMETERS TILE_PARAMETERS, LABEL_PARAMETERS, ScoreKey *keys, int self
#define COUNT_PARAMETERS TILE_PARAMETERS, int *rank, const ScoreKey *keys, int self

// As the kernels of best.cu. The number is how many elements a row has at most.
KERNEL_WGMMA(distance_best_find_groups_fp32_32)
KERNEL_BOUNDS(384, 1, distance_best_find_groups_fp32_32, FIND_PARAMETERS) { FIND_BODY(kTileSplit, 1); }
KERNEL_WGMMA(distance_best_find_groups_fp32_64)
KERNEL_BOUNDS(384, 1, distance_best_find_groups_fp32_64, FIND_PARAMETERS) { FIND_BODY(kTileSplit, 2); }
KERNEL_WGMMA(distance_best_find_groups_fp32_96)
KERNEL_BOUNDS(384, 1, distance_best_find_groups_fp32_96, FIND_PARAMETERS) { FIND_BODY(kTileSplit, 3); }
KERNEL_WGMMA(distance_best_find_groups_fp32_128)
KERNEL_BOUNDS(384, 1, distance_best_find_groups_fp32_128, FIND_PARAMETERS) { FIND_BODY(kTileSplit, 4); }
KERNEL_WGMMA(distance_best_find_groups_tf32_64)
KERNEL_BOUNDS(640, 1, distance_best_find_groups_tf32_64, FIND_PARAMETERS) { FIND_BODY(kTileHalf, 1); }
KERNEL_WGMMA(distance_best_find_groups_tf32_128)
KERNEL_BOUNDS(640, 1, distance_best_find_groups_tf32_128, FIND_PARAMETERS) { FIND_BODY(kTileHalf, 2); }
KERNEL_WGMMA(distance_best_find_groups_tf32_192)
KERNEL_BOUNDS(640, 1, distance_best_find_groups_tf32_192, FIND_PARAMETERS) { FIND_BODY(kTileHalf, 3); }
KERNEL_WGMMA(distance_best_find_groups_bf16_64)
KERNEL_BOUNDS(640, 1, distance_best_find_groups_bf16_64, FIND_PARAMETERS) { FIND_BODY(kTileBf16, 1); }
KERNEL_WGMMA(distance_best_find_groups_bf16_128)
KERNEL_BOUNDS(640, 1, distance_best_find_groups_bf16_128, FIND_PARAMETERS) { FIND_BODY(kTileBf16, 2); }
KERNEL_WGMMA(distance_best_find_groups_bf16_192)
KERNEL_BOUNDS(640, 1, distance_best_find_groups_bf16_192, FIND_PARAMETERS) { FIND_BODY(kTileBf16, 3); }

KERNEL_WGMMA(distance_best_count_groups_fp32_32)
KERNEL_BOUNDS(384, 1, distance_best_count_groups_fp32_32, COUNT_PARAMETERS) { COUNT_BODY(kTileSplit, 1); }
KERNEL_WGMMA(distance_best_count_groups_fp32_64)
KERNEL_BOUNDS(384, 1, distance_best_count_groups_fp32_64, COUNT_PARAMETERS) { COUNT_BODY(kTileSplit, 2); }
KERNEL_WGMMA(distance_best_count_groups_fp32_96)
KERNEL_BOUNDS(384, 1, distance_best_count_groups_fp32_96, COUNT_PARAMETERS) { COUNT_BODY(kTileSplit, 3); }
KERNEL_WGMMA(distance_best_count_groups_fp32_128)
KERNEL_BOUNDS(384, 1, distance_best_count_groups_fp32_128, COUNT_PARAMETERS) { COUNT_BODY(kTileSplit, 4); }
KERNEL_WGMMA(distance_best_count_groups_tf32_64)
KERNEL_BOUNDS(640, 1, distance_best_count_groups_tf32_64, COUNT_PARAMETERS) { COUNT_BODY(kTileHalf, 1); }
KERNEL_WGMMA(distance_best_count_groups_tf32_128)
KERNEL_BOUNDS(640, 1, distance_best_count_groups_tf32_128, COUNT_PARAMETERS) { COUNT_BODY(kTileHalf, 2); }
KERNEL_WGMMA(distance_best_count_groups_tf32_192)
KERNEL_BOUNDS(640, 1, distance_best_count_groups_tf32_192, COUNT_PARAMETERS) { COUNT_BODY(kTileHalf, 3); }
KERNEL_WGMMA(distance_best_count_groups_bf16_64)
KERNEL_BOUNDS(640, 1, distance_best_count_groups_bf16_64, COUNT_PARAMETERS) { COUNT_BODY(kTileBf16, 1); }
KERNEL_WGMMA(distance_best_count_groups_bf16_128)
KERNEL_BOUNDS(640, 1, distance_best_count_groups_bf16_128, COUNT_PARAMETERS) { COUNT_BODY(kTileBf16, 2); }
KERNEL_WGMMA(distance_best_count_groups_bf16_192)
KERNEL_BOUNDS(640, 1, distance_best_count_groups_bf16_192, COUNT_PARAMETERS) { COUNT_BODY(kTileBf16, 3); }
#undef FIND_BODY
#undef COUNT_BODY
#undef FIND_PARAMETERS
#undef COUNT_PARAMETERS
