// The tiled main loop of compute capability 9.0 (H100), for rows of up to 192 elements, of up to 128 where split: what tile.cuh does, with
// products of warpgroups. Code that includes this stands between #ifdef UDML_WARPGROUPS and #endif.
//
// A thread of a block's first warpgroup copies: the block's 256 rows of x once, then the tiles of y, chunk by chunk, into a ring of
// stages, each as one bulk copy that an mbarrier counts. The other warpgroups multiply, four or two of them (WalkShape), 64 rows by 128
// columns at a time; while some turn their sums into scores, the tensor cores work for the others. 256 rows a block, so that a chunk of
// y, 16 KiB, is enough for 1,024 cycles of the tensor cores (1,536 where split): half as many rows would ask more of the second-level
// cache than it gives.
//
// An epilogue is a struct in registers:
//
//     template <int HALF> float least(int h, int row, const TileProblem &p) const;
//         // a score of row `row`, which is row row0 + at.row + 8 h of the half, that is below this changes nothing, and none if it is NaN
//     template <int HALF> void half(float (&score)[64], float (&most)[2], unsigned parts, int row0, int col0, const TileProblem &p);
//         // one half, by a warpgroup: score[4 j + 2 h + e] is row row0 + at.row + 8 h and column col0 + at.col + 8 j + e, with at of
//         // GroupPlace::at(), where bit j / 2 of parts, which are a warp's, is set: in the others no score reaches its row's least;
//         // most[h] is the largest of the row's
//     static constexpr int kShared;  // bytes at walk_rest(), a multiple of 16
//     static constexpr bool kTurns;  // as WalkTurns
//     int self;  // as in tile.cuh; scores past the last column, and of a row with itself, are NaN
//
// Scores are those of tile.cuh in the order of its operations, so that both differ only by how the tensor cores add up.
#pragma once
#include "warpgroup_product.cuh"

// GroupBars are what the bounds of a thread's two rows of a half are compared with (group_bar).
template <TileFormat FORMAT, int HALF>
struct GroupBars {
    float bar[2], factor[2];

    template <class Epilogue>
    __device__ __forceinline__ void set(const Epilogue &epilogue, const TileProblem &p, int row0) {
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int row = row0 + GroupPlace::at().row + 8 * h;
            float2 x = p.x_figures[min(row, p.n - 1)];
            float least = row < p.n ? epilogue.template least<HALF>(h, row, p) : NAN;
            bar[h] = group_bar<FORMAT>(least, x, p.metric);
            factor[h] = x.x;
        }
    }
};

// RowFigures are those of a thread's two rows of a half. They are read again where they are used, from the first-level cache: registers
// are scarcer.
struct RowFigures {
    float2 x[2];

    __device__ __forceinline__ RowFigures(const TileProblem &p, int row0) {
        int last = (p.n + kTileRows - 1) / kTileRows * kTileRows - 1;  // behind it nothing is kept
#pragma unroll
        for (int h = 0; h < 2; h++) x[h] = p.x_figures[min(row0 + GroupPlace::at().row + 8 * h, last)];
    }
};

// group_parts names the parts that matter. Where they were most of the tile before's, as at the start, all are named without a look at
// bounds, in every second tile.
template <TileFormat FORMAT, int HALF>
__device__ __forceinline__ unsigned group_parts(const float (&sum)[64], const float2 *y_figures, const GroupBars<FORMAT, HALF> &bars,
                                                bool &all, int tile) {
    if (all && tile % 2 == 0) return (1 << kParts) - 1;
    unsigned parts = group_hopeful<FORMAT>(sum, y_figures, bars.bar, bars.factor);
    all = __popc(parts) > kMostParts;
    return parts;
}

// group_half is the end of a half: from products to the epilogue.
template <TileFormat FORMAT, int HALF, int CHUNKS, class Epilogue>
__device__ __forceinline__ void group_half(float (&sum)[64], Epilogue &epilogue, GroupBars<FORMAT, HALF> &bars, bool &all,
                                           const TileProblem &p, const WalkMemory<CHUNKS> &memory, int tile, int row0) {
    const float2 *y_figures = memory.figures(tile);
    unsigned parts = group_parts(sum, y_figures, bars, all, tile);
    if (parts == 0) return;
    int col0 = (memory.range->x + tile) * kTileRows;
    RowFigures figures(p, row0);
    float most[2];
    group_scores(sum, most, parts, p, y_figures, figures.x, row0, col0, epilogue.self);
    epilogue.template half<HALF>(sum, most, parts, row0, col0, p);
    bars.set(epilogue, p, row0);
}

// group_number is a multiplying warpgroup's, from 0 on; less for the one that copies.
__device__ __forceinline__ int group_number() { return one_for_warp(threadIdx.x / kGroupThreads) - 1; }

// group_row is its first row.
template <TileFormat FORMAT>
__device__ __forceinline__ int group_row() {
    return static_cast<int>(blockIdx.x) * kWalkRows + group_number() * 64 * WalkShape<FORMAT>::kHalves;
}

// group_walk is one multiplying warpgroup's way over all tiles.
template <TileFormat FORMAT, int CHUNKS, class Epilogue>
__device__ __forceinline__ void group_walk(const TileProblem &p, const WalkMemory<CHUNKS> &memory, Epilogue &epilogue) {
    int row0 = group_row<FORMAT>();
    int tiles = one_for_warp(memory.range->y);
    GroupBars<FORMAT, 0> upper;
    GroupBars<FORMAT, 1> lower;
    bool all = true;
    upper.set(epilogue, p, row0);
    if constexpr (WalkShape<FORMAT>::kHalves == 2) lower.set(epilogue, p, row0 + 64);
    WalkProduct<FORMAT, CHUNKS, Epilogue::kTurns> product(memory, group_number());
    mbarrier_wait(memory.rows, 0);
    // Nothing is in flight over the end of the loop's body: ptxas would have every product wait for the one before (C7514).
#pragma unroll 1
    for (int tile = 0; tile < tiles; tile++) {
        float(&scores)[64] = product.template products<0>(tile);
        group_half(scores, epilogue, upper, all, p, memory, tile, row0);
        if constexpr (WalkShape<FORMAT>::kHalves == 2) {
            product.template products<1>(tile);
            group_half(scores, epilogue, lower, all, p, memory, tile, row0 + 64);
        }
    }
}

// warpgroup_walk is the whole block's: a warpgroup more than WalkShape has, rows of CHUNKS chunks, `tiles` tiles of y from the first on.
template <TileFormat FORMAT, int CHUNKS, class Epilogue>
__device__ __forceinline__ void warpgroup_walk(const TileProblem &p, int first, int tiles, Epilogue &epilogue) {
    using Shape = WalkShape<FORMAT>;
    WalkMemory<CHUNKS> memory(Epilogue::kShared);
    walk_begin(memory, Shape::kGroups, make_int2(first, tiles));
    if (group_number() < 0) {
        registers_give<Shape::kCopies>();
        if (threadIdx.x == 0) walk_copy(p, memory);
        return;
    }
    registers_take<Shape::kMultiplies>();
    group_walk<FORMAT>(p, memory, epilogue);
}
