// The k best rows of y for each row of x, without the matrix of scores. Each row of a block gathers candidates in
// global memory: scores above its bar, the k-th best score so far. Few are: the first k of each row, and then
// about k ln(M/k) in random order; so the hot loop is one comparison a score, and lists may be long. When a list is
// full, a warp keeps the best and raises the bar.
#include "../include/tile.cuh"
#include "select.cuh"

namespace distance_topk {

using distance_select::Segments;

// Gather is the epilogue. Lists are [row, part, room]; a block makes part blockIdx.y of its rows.
struct Gather {
    static constexpr bool kForgets = true;
    int self;
    ScoreKey *keys;
    int room, k, most;  // places of a list; wanted; at most so many stay when a list is cut
    int *count;         // [128], shared
    float *bar;         // [128], shared

    // start: all scores pass at first, -Inf too, but no NaN; rows past the end have a bar that nothing passes.
    __device__ __forceinline__ void start(void *shared, int n) {
        count = static_cast<int *>(shared);
        bar = reinterpret_cast<float *>(count + kTileRows);
        for (int i = threadIdx.x; i < kTileRows; i += blockDim.x) {
            count[i] = 0;
            bar[i] = static_cast<int>(blockIdx.x) * kTileRows + i < n ? -INFINITY : NAN;
        }
    }
    __device__ __forceinline__ ScoreKey *list(int row) const {
        return keys + ((blockIdx.x * static_cast<size_t>(kTileRows) + row) * gridDim.y + blockIdx.y) * room;
    }

    __device__ __forceinline__ void tile(const float (&s)[2][8][4], const float (&)[4], TilePlace at, int, int col0, const TileProblem &) {
        for (int i = 0; i < 2; i++) gather(s[i], at.row + 16 * i, col0 + at.col);
        __syncthreads();
        for (int row = threadIdx.x / 32; row < kTileRows; row += 8)
            if (count[row] > room - kTileRows) cut(row);
    }

    // gather takes the scores of two rows, row and row + 8: one copy of the taking serves all 32.
    __device__ __forceinline__ void gather(const float (&s)[8][4], int row, int col) const {
        float upper = bar[row], lower = bar[row + 8];
        unsigned taken = 0;
#pragma unroll
        for (int e = 0; e < 32; e++)
            if (s[e / 4][e % 4] >= (e % 4 < 2 ? upper : lower)) taken |= 1u << e;
#pragma unroll 1
        for (; taken; taken &= taken - 1) {
            int n = __ffs(static_cast<int>(taken)) - 1;
            float score = 0;
#pragma unroll
            for (int e = 0; e < 32; e++) score = e == n ? s[e / 4][e % 4] : score;
            int to = row + n / 2 % 2 * 8;
            list(to)[atomicAdd(count + to, 1)] = make_key(score, col + n / 4 * 8 + n % 2);
        }
    }

    // cut makes room in a row's list. The barrier before the next tile's scores shows the new bar to all.
    __device__ __forceinline__ void cut(int row) const {
        Segments all = {list(row), count + row, 1, room};
        if (count[row] < k) return;  // then the list has room for every column
        int kept = distance_select::keep(all, distance_select::threshold(all, k, most));
        float worst = distance_select::least(all.keys, kept);
        if (threadIdx.x % 32 == 0) count[row] = kept, bar[row] = score_above(worst);
    }

    __device__ __forceinline__ void finish(int *counts, int n) const {
        __syncthreads();
        for (int i = threadIdx.x; i < kTileRows; i += blockDim.x) {
            int row = blockIdx.x * kTileRows + i;
            if (row < n) counts[row * gridDim.y + blockIdx.y] = count[i];
        }
    }
};

template <TileFormat FORMAT>
__device__ __forceinline__ void run(const TileProblem &p, Gather gather, int *counts) {
    TileWalk<FORMAT> walk(p, tile_chunks<FORMAT>(p.d));
    gather.start(walk.memory.rest(), p.n);
    tile_walk(p, walk, gather);
    gather.finish(counts, p.n);
}

}  // namespace distance_topk

// keys [rows of all tiles, parts, room] and counts [n, parts] get each row's remaining candidates.
KERNEL_BOUNDS(256, 2, distance_topk_fp32, TILE_PARAMETERS, ScoreKey *keys, int *counts, int room, int k, int most, int self) {
    distance_topk::run<kTileSplit>(TILE_PROBLEM, {self, keys, room, k, most, nullptr, nullptr}, counts);
}
KERNEL_BOUNDS(256, 2, distance_topk_tf32, TILE_PARAMETERS, ScoreKey *keys, int *counts, int room, int k, int most, int self) {
    distance_topk::run<kTileHalf>(TILE_PROBLEM, {self, keys, room, k, most, nullptr, nullptr}, counts);
}
KERNEL_BOUNDS(256, 2, distance_topk_bf16, TILE_PARAMETERS, ScoreKey *keys, int *counts, int room, int k, int most, int self) {
    distance_topk::run<kTileBf16>(TILE_PROBLEM, {self, keys, room, k, most, nullptr, nullptr}, counts);
}

// Sorts each row's k best of all parts: vals, idx [n, k]. A warp takes a row. The place of a key is the number of
// larger ones: k^2 comparisons, all lanes reading the same key, which for the k of searches is less than any
// exchange of keys.
KERNEL_BOUNDS(256, 1, distance_topk_sort, float *vals, int *idx, ScoreKey *keys, const int *counts, int n, int parts,
              int room, int k, float sign) {
    int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= n) return;
    size_t list = static_cast<size_t>(row) * parts;
    distance_select::Segments all = {keys + list * room, counts + list, parts, room};
    ScoreKey bar = all.total() > k ? distance_select::threshold(all, k, k) : 1;
    int kept = distance_select::keep(all, bar);
    vals += static_cast<size_t>(row) * k;
    idx += static_cast<size_t>(row) * k;
    for (int i = lane; i < kept; i += 32) {
        ScoreKey key = all.keys[i];
        int place = 0;
        for (int j = 0; j < kept; j++) place += all.keys[j] > key;
        vals[place] = 0.0f + sign * key_score(key);
        idx[place] = key_col(key);
    }
    for (int i = kept + lane; i < k; i += 32) vals[i] = -sign * INFINITY, idx[i] = -1;
}
