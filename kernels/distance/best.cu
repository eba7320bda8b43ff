// BestPositive in two walks: over the tiles that have a row's own label, for its best score, and then over all of them,
// for how many come before it. Both compute each score from the same bits in the same order, so that equal rows tie exactly. The
// matrix of scores is never written.
#include "best_labels.cuh"
#include "best_score.cuh"

namespace distance_best {

// Before counts the columns that come before each row's best one of its label.
struct Before {
    static constexpr bool kForgets = true;
    int self;
    const ScoreKey *keys;
    int found[4];

    __device__ __forceinline__ Before(int self, const ScoreKey *keys) : self(self), keys(keys) {
        for (int r = 0; r < 4; r++) found[r] = 0;
    }

    // The bar is read again for each tile, from the cache: registers are scarcer. Of a tile whose columns all come
    // before the key's, equal scores count too: those above the number next below the bar. So one comparison a score
    // does, but in the tile that holds the key's column.
    __device__ __forceinline__ void tile(const float (&s)[2][8][4], const float (&)[4], TilePlace at, int row0, int col0,
                                         const TileProblem &p) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
            ScoreKey key = keys[min(row0 + at.row + 8 * r, p.n - 1)];
            float bar = key ? key_score(key) : NAN;  // no score is above NaN, nor equal to it
            int before = key_col(key) - col0;
            if (bar > -INFINITY && before >= kTileRows) bar = score_below(bar);
            else if (before >= 0) found[r] += equal(s, r, bar, before - at.col);
            float more = 0;  // summed as floats, by another unit than the one that compares
#pragma unroll
            for (int e = 0; e < 16; e++) more += s[r / 2][e / 2][r % 2 * 2 + e % 2] > bar ? 1.0f : 0.0f;
            found[r] += static_cast<int>(more);
        }
    }

    // equal counts the scores of a row that equal its bar in columns before the key's.
    static __device__ __forceinline__ int equal(const float (&s)[2][8][4], int r, float bar, int before) {
        int n = 0;
#pragma unroll
        for (int e = 0; e < 16; e++) n += (s[r / 2][e / 2][r % 2 * 2 + e % 2] == bar) & (e / 2 * 8 + e % 2 < before);
        return n;
    }

    // add brings the counts into rank [n]. Sums of integers are the same in any order.
    __device__ __forceinline__ void add(int *rank, const TileProblem &p) const {
        TilePlace at = tile_place();
        for (int r = 0; r < 4; r++) {
            int row = blockIdx.x * kTileRows + at.row + 8 * r;
            if (row < p.n && found[r] > 0) atomicAdd(rank + row, found[r]);
        }
    }
};

template <TileFormat FORMAT>
__device__ __forceinline__ void find(const TileProblem &p, ScoreKey *keys, const Labels &labels, int self) {
    int2 tiles = shared_labels(p, labels, labels.x_range[blockIdx.x]);
    if (tiles.x >= tiles.y) return;
    TileRange::set(tiles.x, tiles.y - tiles.x);
    TileWalk<FORMAT, TileRange> walk(p, tile_chunks<FORMAT>(p.d));
    BestScore<true> best(self, labels.x, labels.y);
    tile_walk(p, walk, best);
    best.write(keys, p);
}

template <TileFormat FORMAT>
__device__ __forceinline__ void count(const TileProblem &p, int *rank, const ScoreKey *keys, int self) {
    TileWalk<FORMAT> walk(p, tile_chunks<FORMAT>(p.d));
    Before before(self, keys);
    tile_walk(p, walk, before);
    before.add(rank, p);
}

}  // namespace distance_best

// keys [n], which start as 0: the best column of each row's label, where there is one.
KERNEL_BOUNDS(256, 2, distance_best_find_fp32, TILE_PARAMETERS, LABEL_PARAMETERS, ScoreKey *keys, int self) {
    distance_best::find<kTileSplit>(TILE_PROBLEM, keys, LABELS, self);
}
KERNEL_BOUNDS(256, 2, distance_best_find_tf32, TILE_PARAMETERS, LABEL_PARAMETERS, ScoreKey *keys, int self) {
    distance_best::find<kTileHalf>(TILE_PROBLEM, keys, LABELS, self);
}
KERNEL_BOUNDS(256, 2, distance_best_find_bf16, TILE_PARAMETERS, LABEL_PARAMETERS, ScoreKey *keys, int self) {
    distance_best::find<kTileBf16>(TILE_PROBLEM, keys, LABELS, self);
}

// rank [n] += the number of columns before each row's key.
KERNEL_BOUNDS(256, 2, distance_best_count_fp32, TILE_PARAMETERS, int *rank, const ScoreKey *keys, int self) {
    distance_best::count<kTileSplit>(TILE_PROBLEM, rank, keys, self);
}
KERNEL_BOUNDS(256, 2, distance_best_count_tf32, TILE_PARAMETERS, int *rank, const ScoreKey *keys, int self) {
    distance_best::count<kTileHalf>(TILE_PROBLEM, rank, keys, self);
}
KERNEL_BOUNDS(256, 2, distance_best_count_bf16, TILE_PARAMETERS, int *rank, const ScoreKey *keys, int self) {
    distance_best::count<kTileBf16>(TILE_PROBLEM, rank, keys, self);
}

// range [tiles]: the least and the largest of the labels [n] of each tile's rows. A warp takes a tile.
KERNEL(distance_label_range, int2 *range, const int *labels, int n, int tiles) {
    int tile = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
    if (tile >= tiles) return;
    int least = INT_MAX, largest = INT_MIN;
    for (int i = tile * kTileRows + threadIdx.x % 32; i < min(n, (tile + 1) * kTileRows); i += 32) {
        least = min(least, labels[i]);
        largest = max(largest, labels[i]);
    }
    least = warp_reduce(least, Min());
    largest = warp_reduce(largest, Max());
    if (threadIdx.x % 32 == 0) range[tile] = make_int2(least, largest);
}

// rank = 0 where a row has a key, else -1.
KERNEL(distance_best_start, int *rank, const ScoreKey *keys, long long n) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        rank[i] = keys[i] ? 0 : -1;
    }
}
