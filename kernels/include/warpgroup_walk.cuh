// The tiled main loop of compute capability 9.0 (H100), for bfloat16 rows of up to 192 elements: what tile.cuh does, with products of
// warpgroups. Code that includes this stands between #ifdef UDML_WARPGROUPS and #endif.
//
// A block has three warpgroups. Threads of the first copy: the block's 256 rows of x once, then the tiles of y, chunk by chunk, into a ring
// of stages, each as one bulk copy that an mbarrier counts. The other two multiply, 128 rows each, in two halves of 64 rows by 128 columns:
// while the tensor cores form the sums of one half, the warpgroup turns those of the other into scores, and they always have the next half
// to go on with. 256 rows a block, so that a chunk of y, 16 KiB, is enough for 512 cycles of the tensor cores: fewer rows would ask more of
// the second-level cache than it gives.
//
// An epilogue is a struct in registers:
//
//     template <int HALF> void half(float (&score)[64], float (&most)[2], int row0, int col0, const TileProblem &p);
//         // one half, by a warpgroup: score[4 j + 2 h + e] is row row0 + at.row + 8 h and column col0 + at.col + 8 j + e, with at of
//         // GroupPlace::at(); most[h] is the largest of the row's 32
//     int self;  // as in tile.cuh; scores past the last column, and of a row with itself, are NaN
//
// Scores are those of tile.cuh in the order of its operations, so that both differ only by how the tensor cores add up.
#pragma once
#include "warpgroup_score.cuh"
#include "wgmma.cuh"

constexpr int kWalkGroups = 2;    // that multiply
constexpr int kWalkStages = 6;    // chunks of y, two whole tiles at least
constexpr int kWalkFigures = 8;   // tiles whose figures are kept: those of all stages, the one before them, rounded up
constexpr int kWalkBars = 1 << 7; // bytes of mbarriers

constexpr int kNext16 = 32 >> 4;  // from the descriptor of 16 k to that of the next

// WalkMemory is the block's dynamic shared memory, from its first multiple of 1024 bytes on: figures, the block's rows of x, the stages.
// The mbarriers lie before them. The launcher (distance/warpgroup_cuda.go) computes the size the same way.
template <int CHUNKS>
struct WalkMemory {
    uint64_t *full, *empty, *rows;  // a stage is there, is free; the rows of x are there
    unsigned char *base;

    __device__ __forceinline__ WalkMemory() {
        SHARED(unsigned char, memory);
        full = reinterpret_cast<uint64_t *>(memory), empty = full + kWalkStages, rows = empty + kWalkStages;
        base = memory + kWalkBars;
        base += (1024 - shared_address(base) % 1024) % 1024;
    }
    __device__ __forceinline__ float2 *figures(int tile) const {
        return reinterpret_cast<float2 *>(base) + tile % kWalkFigures * kTileRows;
    }
    __device__ __forceinline__ unsigned char *x(int group, int chunk) const {
        return base + kWalkFigures * kTileRows * sizeof(float2) + (group * CHUNKS + chunk) * kChunkBytes;
    }
    __device__ __forceinline__ unsigned char *stage(int turn) const { return x(kWalkGroups, 0) + turn % kWalkStages * kChunkBytes; }
    static __device__ __forceinline__ unsigned parity(int turn) { return turn / kWalkStages & 1; }
};

// walk_begin prepares the mbarriers. All threads of the block call.
template <int CHUNKS>
__device__ __forceinline__ void walk_begin(const WalkMemory<CHUNKS> &memory) {
    if (threadIdx.x == 0) {
#pragma unroll 1
        for (int i = 0; i < kWalkStages; i++) {
            mbarrier_init(memory.full + i, 1);
            mbarrier_init(memory.empty + i, kWalkGroups * kGroupThreads / 32);
        }
        mbarrier_init(memory.rows, 1);
        mbarrier_init_fence();
    }
    __syncthreads();
}

// walk_copy is the thread that asks for all of the block's memory. Where x ends with the block's first tile, its second is the first again.
template <int CHUNKS>
__device__ __forceinline__ void walk_copy(const TileProblem &p, const WalkMemory<CHUNKS> &memory, int first, int tiles) {
    int last = (p.n + kTileRows - 1) / kTileRows - 1;
    mbarrier_expect(memory.rows, kWalkGroups * CHUNKS * kChunkBytes);
#pragma unroll 1
    for (int g = 0; g < kWalkGroups; g++) {
        size_t tile = min(static_cast<int>(blockIdx.x) * kWalkGroups + g, last);
        bulk_copy(memory.x(g, 0), p.x + tile * CHUNKS * kChunkBytes, CHUNKS * kChunkBytes, memory.rows);
    }
    int turn = 0;
#pragma unroll 1
    for (int tile = 0; tile < tiles; tile++) {
        size_t at = first + tile;
#pragma unroll 1
        for (int c = 0; c < CHUNKS; c++, turn++) {
            uint64_t *full = memory.full + turn % kWalkStages;
            if (turn >= kWalkStages) mbarrier_wait(memory.empty + turn % kWalkStages, memory.parity(turn - kWalkStages));
            mbarrier_expect(full, kChunkBytes + (c == 0 ? kTileRows * int(sizeof(float2)) : 0));
            bulk_copy(memory.stage(turn), p.y + (at * CHUNKS + c) * kChunkBytes, kChunkBytes, full);
            if (c == 0) bulk_copy(memory.figures(tile), p.y_figures + at * kTileRows, kTileRows * sizeof(float2), full);
        }
    }
}

// WalkProduct is one multiplying warpgroup's part.
template <int CHUNKS>
struct WalkProduct {
    const WalkMemory<CHUNKS> &memory;
    int group;

    __device__ __forceinline__ void await(int tile) const {
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            int turn = tile * CHUNKS + c;
            mbarrier_wait(memory.full + turn % kWalkStages, memory.parity(turn));
        }
    }
    // multiply begins the sums of a half of a tile's products, as a group of its own.
    __device__ __forceinline__ void multiply(float (&sum)[64], int tile, int half) const {
        wgmma_fence();
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            uint64_t a = wgmma_descriptor(shared_address(memory.x(group, c)) + half * (kChunkBytes / 2), kLines128, 1024, 0);
            uint64_t b = wgmma_descriptor(shared_address(memory.stage(tile * CHUNKS + c)), kLines128, 1024, 0);
#pragma unroll
            for (int k = 0; k < 4; k++) wgmma_bf16(sum, a + k * kNext16, b + k * kNext16, c + k);
        }
        wgmma_commit();
    }
    // release gives a tile's stages back, once all products of it are there. A lane speaks for its warp.
    __device__ __forceinline__ void release(int tile) const {
        __syncwarp();
        if (threadIdx.x % 32 == 0) {
#pragma unroll
            for (int c = 0; c < CHUNKS; c++) mbarrier_arrive(memory.empty + (tile * CHUNKS + c) % kWalkStages);
        }
    }
};

// group_half is the end of a half: from products to the epilogue.
template <int HALF, class Epilogue>
__device__ __forceinline__ void group_half(float (&sum)[64], Epilogue &epilogue, const TileProblem &p, const float2 *y_figures,
                                           const float2 (&x)[2], int row0, int col0) {
    float most[2];
    bool changed = group_scores(sum, most, p, y_figures, x);
    if (changed) group_mend(sum, p, y_figures, x, row0, col0);
    changed |= group_forget(sum, row0, col0, p.m, epilogue.self);
    if (changed) {
        most[0] = most[1] = -INFINITY;
#pragma unroll
        for (int e = 0; e < 64; e++) most[e / 2 % 2] = fmaxf(most[e / 2 % 2], sum[e]);
    }
    epilogue.template half<HALF>(sum, most, row0, col0, p);
}

// group_walk is one multiplying warpgroup's way over all tiles.
template <int CHUNKS, class Epilogue>
__device__ __forceinline__ void group_walk(const TileProblem &p, const WalkMemory<CHUNKS> &memory, int first, int tiles,
                                           Epilogue &epilogue) {
    int group = threadIdx.x / kGroupThreads - 1, row0 = (blockIdx.x * kWalkGroups + group) * kTileRows;
    WalkProduct<CHUNKS> product = {memory, group};
    float2 x[2][2];
    int last = (p.n + kTileRows - 1) / kTileRows * kTileRows - 1;  // behind it nothing is kept
#pragma unroll
    for (int i = 0; i < 4; i++)
        x[i / 2][i % 2] = p.x_figures[min(row0 + i / 2 * 64 + GroupPlace::at().row + i % 2 * 8, last)];
    float sum[2][64];
    wgmma_hold(sum[0]), wgmma_hold(sum[1]);
    mbarrier_wait(memory.rows, 0);
    // Nothing is in flight over the end of the loop's body: ptxas would have every product wait for the one before (C7514).
#pragma unroll 1
    for (int tile = 0; tile < tiles; tile++) {
        int col0 = (first + tile) * kTileRows;
        const float2 *figures = memory.figures(tile);
        product.await(tile);
        product.multiply(sum[0], tile, 0);
        product.multiply(sum[1], tile, 1);
        wgmma_wait<1>();
        wgmma_hold(sum[0]);
        group_half<0>(sum[0], epilogue, p, figures, x[0], row0, col0);
        wgmma_wait<0>();
        wgmma_hold(sum[1]);
        product.release(tile);
        group_half<1>(sum[1], epilogue, p, figures, x[1], row0 + 64, col0);
    }
}

// warpgroup_walk is the whole block's: 384 threads, of rows of CHUNKS chunks.
template <int CHUNKS, class Epilogue>
__device__ __forceinline__ void warpgroup_walk(const TileProblem &p, Epilogue &epilogue) {
    WalkMemory<CHUNKS> memory;
    int first = blockIdx.y * p.per, tiles = min(p.per, (p.m + kTileRows - 1) / kTileRows - first);
    walk_begin(memory);
    if (__shfl_sync(kWholeWarp, threadIdx.x / kGroupThreads, 0) == 0) {  // one for the warp, as the compiler then sees
        registers_give<40>();
        if (threadIdx.x == 0) walk_copy(p, memory, first, tiles);
        return;
    }
    registers_take<232>();
    group_walk(p, memory, first, tiles, epilogue);
}
