// The shared memory of warpgroup_walk.cuh, and the thread that has it filled.
#pragma once
#include "tile_layout.cuh"
#include "warpgroup_score.cuh"
#include "wgmma.cuh"

constexpr int kWalkTiles = 2;      // of x in a block
constexpr int kWalkRows = kWalkTiles * kTileRows;
constexpr int kWalkFigures = 8;    // tiles whose figures are kept: those of all stages, the one before them, rounded up
constexpr int kWalkBars = 192;    // bytes of mbarriers

// WalkShape is how the multiplying warpgroups share the block's rows. The sums of 64 rows are 64 registers of a thread where rows are of
// one part, and four warpgroups have 64 rows each: of four warps on a scheduler one can go on while others wait. Where rows are split,
// they are 192 registers, and two warpgroups have 128 rows each, in two halves. The registers of all threads are those of the launch at
// most.
template <TileFormat FORMAT>
struct WalkShape {
    static constexpr int kHalves = FORMAT == kTileSplit ? 2 : 1, kGroups = kWalkRows / 64 / kHalves;
    static constexpr int kCopies = kHalves == 2 ? 40 : 24, kMultiplies = kHalves == 2 ? 232 : 112;  // registers of a thread that does
};

// walk_stages is how many chunks of y there are: two whole tiles, or a tile of four and one chunk, which is what then fits.
__host__ __device__ constexpr int walk_stages(int chunks) { return chunks > 3 ? 5 : 6; }

// walk_rest is the epilogue's shared memory.
__device__ __forceinline__ void *walk_rest() {
    SHARED(unsigned char, memory);
    return memory + kWalkBars;
}

// GroupRows is an epilogue's memory for the rows of each multiplying thread, two of each half. A thread reads and writes its own alone,
// where a bound reaches its bar: there is no register for what is rarely used.
template <TileFormat FORMAT, class Row>
struct GroupRows {
    static constexpr int kThreads = WalkShape<FORMAT>::kGroups * kGroupThreads, kRows = 2 * WalkShape<FORMAT>::kHalves;
    static constexpr int kBytes = kThreads * kRows * sizeof(Row);

    static __device__ __forceinline__ Row &of(int r) {
        return static_cast<Row *>(walk_rest())[r * kThreads + thread_again() - kGroupThreads];
    }
    static __device__ __forceinline__ void fill(Row row) {
        for (int r = 0; threadIdx.x >= kGroupThreads && r < kRows; r++) of(r) = row;
    }
};

// WalkMemory is the block's dynamic shared memory: mbarriers, the epilogue's, and from the next multiple of 1024 bytes on figures, the
// block's rows of x and the stages. The launcher (distance/warpgroup_cuda.go) computes the size the same way.
template <int CHUNKS>
struct WalkMemory {
    static constexpr int kStages = walk_stages(CHUNKS);
    uint64_t *full, *empty, *rows, *turns;  // a stage is there, is free; the rows of x are there; a warpgroup may multiply
    int2 *range;                            // the first tile of y, and how many
    unsigned char *base;

    __device__ __forceinline__ explicit WalkMemory(int rest) {
        SHARED(unsigned char, memory);
        full = reinterpret_cast<uint64_t *>(memory), empty = full + kStages, rows = empty + kStages, turns = rows + 1;
        range = reinterpret_cast<int2 *>(turns + kWalkRows / 64);  // behind a turn for each of the most warpgroups
        base = memory + kWalkBars + rest;
        base += (1024 - shared_address(base) % 1024) % 1024;
    }
    __device__ __forceinline__ float2 *figures(int tile) const {
        return reinterpret_cast<float2 *>(base) + tile % kWalkFigures * kTileRows;
    }
    __device__ __forceinline__ unsigned char *x(int tile, int chunk) const {
        return base + kWalkFigures * kTileRows * sizeof(float2) + (tile * CHUNKS + chunk) * kChunkBytes;
    }
    __device__ __forceinline__ unsigned char *stage(int turn) const { return x(kWalkTiles, 0) + turn % kStages * kChunkBytes; }
    static __device__ __forceinline__ unsigned parity(int turn) { return turn / kStages & 1; }
};

// one_for_warp is a number that all lanes have, as the compiler then sees.
__device__ __forceinline__ int one_for_warp(int x) { return __shfl_sync(kWholeWarp, x, 0); }

// walk_begin prepares the mbarriers for so many multiplying warpgroups. All threads of the block call.
template <int CHUNKS>
__device__ __forceinline__ void walk_begin(const WalkMemory<CHUNKS> &memory, int groups, int2 range) {
    if (threadIdx.x == 0) {
        *memory.range = range;
#pragma unroll 1
        for (int i = 0; i < memory.kStages; i++) {
            mbarrier_init(memory.full + i, 1);
            mbarrier_init(memory.empty + i, groups * kGroupThreads / 32);
        }
        mbarrier_init(memory.rows, 1);
#pragma unroll 1
        for (int i = 0; i < groups; i++) mbarrier_init(memory.turns + i, kGroupThreads / 32);
        mbarrier_init_fence();
    }
    __syncthreads();
}

// walk_copy is the thread that asks for all of the block's memory. Where x ends with the block's first tile, its second is the first again.
template <int CHUNKS>
__device__ __forceinline__ void walk_copy(const TileProblem &p, const WalkMemory<CHUNKS> &memory) {
    int first = memory.range->x, tiles = memory.range->y;
    int last = (p.n + kTileRows - 1) / kTileRows - 1;
    mbarrier_expect(memory.rows, kWalkTiles * CHUNKS * kChunkBytes);
#pragma unroll 1
    for (int i = 0; i < kWalkTiles; i++) {
        size_t tile = min(static_cast<int>(blockIdx.x) * kWalkTiles + i, last);
        bulk_copy(memory.x(i, 0), p.x + tile * CHUNKS * kChunkBytes, CHUNKS * kChunkBytes, memory.rows);
    }
    constexpr int kStages = WalkMemory<CHUNKS>::kStages;
    int turn = 0;
#pragma unroll 1
    for (int tile = 0; tile < tiles; tile++) {
        size_t at = first + tile;
#pragma unroll 1
        for (int c = 0; c < CHUNKS; c++, turn++) {
            uint64_t *full = memory.full + turn % kStages;
            if (turn >= kStages) mbarrier_wait(memory.empty + turn % kStages, memory.parity(turn - kStages));
            mbarrier_expect(full, kChunkBytes + (c == 0 ? kTileRows * int(sizeof(float2)) : 0));
            bulk_copy(memory.stage(turn), p.y + (at * CHUNKS + c) * kChunkBytes, kChunkBytes, full);
            if (c == 0) bulk_copy(memory.figures(tile), p.y_figures + at * kTileRows, kTileRows * sizeof(float2), full);
        }
    }
}
