// The tiled main loop of all searches over pairs of rows: a block of 256 threads takes 128 rows of x, walks over
// the rows of y 128 at a time, multiplies on the tensor cores, and hands each tile of 128 x 128 scores, in
// registers, to an epilogue. The matrix of scores is never written, unless the epilogue does.
//
// Shape, in terms of the hardware. Two blocks fit an H100's multiprocessor, so that one multiplies while the
// other is at its epilogue; that leaves 128 registers a thread. Eight warps stand 4 x 2, each with 32 x 64 sums:
// for 16 k a warp reads 32 + 64 rows of 32 bytes from shared memory (of 64 where split) and multiplies 16 times in
// the tensor core (48 times where split), so that the latter is the bound. Up to D = 128 (192 where not split) the
// rows of x stay in shared memory; beyond, chunks of x come along with those of y. A chunk is asked for one (two,
// where not split) before its turn and goes past the registers by cp.async. In all the loop takes at most 99 KiB of
// shared memory, which a block may have on every GPU from compute capability 8.0 on. An H100's multiprocessor has
// 228 KiB: two blocks, if the driver divides it so (Function.SetShared asks for that). An A100's has 164 KiB: two
// blocks up to D = 64 and, where split, beyond 128 (at most 67 KiB a block, and 1 KiB of the system's), else one. Those of
// compute capability 8.6, 8.9 and 12.0 have 100 KiB: one.
// One barrier a chunk: a warp that passes it has finished the chunk before, whose place is then filled.
//
// An epilogue is a struct in registers:
//
//     void tile(const float (&score)[2][8][4], const float (&most)[4], TilePlace at, int row0, int col0,
//               const TileProblem &p);
//         // one tile, by all threads: score[i][j][2 h + e] is row row0 + at.row + 16 i + 8 h and
//         // column col0 + at.col + 8 j + e; most[2 i + h] is the largest of the row's 16, -Inf where all are NaN
//     static constexpr bool kForgets;   // whether scores past the last column, and of a row with itself, shall be NaN
//     int self;                         // which row of y row 0 of x is, or -1
//
// Error of a score against exact arithmetic, where split, with u = 2^-24: at most (D/16 + 12) u |x| |y| for a
// product: 8 u from the two halves, at most 4 u from the tensor cores' adders, which see 16 k at a time, the rest
// from the ordinary one. So (D + 16) u |x| |y| hold for any D, (D + 20) u (|x|^2 + |y|^2) for a squared distance
// and (D + 22) u for a cosine.
#pragma once
#include "tile_score.cuh"

// TileStages says how many chunks of y (and of x, where it is not resident) are in shared memory, and how many of x
// may reside.
template <TileFormat FORMAT>
struct TileStages {
    static constexpr int kCount = FORMAT == kTileSplit ? 2 : 3;
    static constexpr int kResident = FORMAT == kTileSplit ? 4 : 3;
};

// TileMemory is the block's dynamic shared memory: the figures of some column tiles, the resident chunks of x, the
// stages, and then the epilogue's. As many tiles as can be under way at a time: two, or one a stage where a tile is
// one chunk. The launcher (distance/tile_cuda.go) computes the size the same way. Places are offsets, since a
// pointer would take two registers, and all of them follow from the number of chunks.
template <TileFormat FORMAT>
struct TileMemory {
    static constexpr int kStages = TileStages<FORMAT>::kCount;
    int chunks;

    static __device__ __forceinline__ unsigned char *at(int offset) {
        SHARED(unsigned char, memory);
        return memory + offset;
    }
    __device__ __forceinline__ bool resides() const { return chunks <= TileStages<FORMAT>::kResident; }
    __device__ __forceinline__ int figures() const { return (chunks > 1 ? 2 : kStages) * kTileRows * int(sizeof(float2)); }
    __device__ __forceinline__ int stages() const { return figures() + (resides() ? chunks * kChunkBytes : 0); }
    __device__ __forceinline__ int stage_bytes() const { return resides() ? kChunkBytes : 2 * kChunkBytes; }
    __device__ __forceinline__ unsigned char *stage(int turn) const { return at(stages() + turn % kStages * stage_bytes()); }
    __device__ __forceinline__ float2 *columns(int tile) const {
        return reinterpret_cast<float2 *>(at((chunks > 1 ? tile % 2 : tile % kStages) * kTileRows * int(sizeof(float2))));
    }
    __device__ __forceinline__ unsigned char *resident(int chunk) const { return at(figures() + chunk * kChunkBytes); }
    __device__ __forceinline__ void *rest() const { return at(stages() + kStages * stage_bytes()); }
};

// tile_copy asks for BYTES, a multiple of 16: each thread for the same few places every time.
template <int BYTES>
__device__ __forceinline__ void tile_copy(void *to, const void *from) {
    unsigned own = threadIdx.x * 16;
    unsigned char *into = static_cast<unsigned char *>(to) + own;
    const unsigned char *of = static_cast<const unsigned char *>(from) + own;
#pragma unroll
    for (int i = 0; i < BYTES; i += 256 * 16)
        if (BYTES - i >= 256 * 16 || own < static_cast<unsigned>(BYTES - i)) cp_async16(into + i, of + i, true);
}

// A block's column tiles: TilePart is its part of all, TileRange any of them, which are in shared memory, for want of
// registers, and to be set first.
struct TilePart {
    int tiles;
    __device__ __forceinline__ explicit TilePart(const TileProblem &p) : tiles(tile_part(p)) {}
    __device__ __forceinline__ int first(const TileProblem &p) const { return blockIdx.y * p.per; }
    __device__ __forceinline__ int count() const { return tiles; }
};
struct TileRange {
    __device__ __forceinline__ explicit TileRange(const TileProblem &) {}
    static __device__ __forceinline__ int2 &place() {
        __shared__ int2 range;
        return range;
    }
    __device__ __forceinline__ int first(const TileProblem &) const { return place().x; }
    __device__ __forceinline__ int count() const { return place().y; }
    static __device__ __forceinline__ void set(int from, int tiles) {
        if (threadIdx.x == 0) place() = make_int2(from, tiles);
        __syncthreads();
    }
};

// TileWalk is one block's way over its column tiles, chunk by chunk. Where it is follows from a tile and a chunk of it:
// the main loop has no register to spare.
template <TileFormat FORMAT, class Range = TilePart>
struct TileWalk {
    static constexpr int kStages = TileStages<FORMAT>::kCount;
    const TileProblem &p;
    TileMemory<FORMAT> memory;
    int chunks;  // of a tile
    Range range;

    __device__ __forceinline__ TileWalk(const TileProblem &p, int chunks) : p(p), memory{chunks}, chunks(chunks), range(p) {}
    __device__ __forceinline__ int first() const { return range.first(p); }
    __device__ __forceinline__ int tiles() const { return range.count(); }
    __device__ __forceinline__ const unsigned char *x_chunk(int c) const {
        return p.x + (static_cast<size_t>(blockIdx.x) * chunks + c) * kChunkBytes;
    }
    __device__ __forceinline__ void begin() {
        for (int c = 0; memory.resides() && c < chunks; c++) tile_copy<kChunkBytes>(memory.resident(c), x_chunk(c));
#pragma unroll
        for (int ahead = 0; ahead + 1 < kStages; ahead++) ask(0, 0, ahead);
    }
    // ask requests what is `ahead` chunks behind chunk c of a tile, and closes a group even if there is none, so that the
    // count of groups is right.
    __device__ __forceinline__ void ask(int tile, int c, int ahead) {
        int turn = tile * chunks + c + ahead;
        c += ahead;
#pragma unroll
        for (int i = 0; i < ahead; i++)
            if (c >= chunks) c -= chunks, tile++;
        if (tile < tiles()) {
            size_t at = first() + tile;
            unsigned char *stage = memory.stage(turn);
            tile_copy<kChunkBytes>(stage, p.y + (at * chunks + c) * kChunkBytes);
            if (!memory.resides()) tile_copy<kChunkBytes>(stage + kChunkBytes, x_chunk(c));
            if (c == 0) tile_copy<kTileRows * sizeof(float2)>(memory.columns(tile), p.y_figures + at * kTileRows);
        }
        cp_async_commit();
    }
    // take waits for chunk c of a tile, asks for a later one, and multiplies.
    __device__ __forceinline__ void take(TileProduct<FORMAT> &product, int tile, int c) {
        cp_async_wait<kStages - 2>();
        __syncthreads();
        ask(tile, c, kStages - 1);
        const unsigned char *b = memory.stage(tile * chunks + c);
        product.chunk(memory.resides() ? memory.resident(c) : b + kChunkBytes, b);
    }
};

template <TileFormat FORMAT, class Range, class Epilogue>
__device__ __forceinline__ void tile_walk(const TileProblem &p, TileWalk<FORMAT, Range> &walk, Epilogue &epilogue) {
    TileProduct<FORMAT> product;
    int row0 = blockIdx.x * kTileRows;
    walk.begin();
#pragma unroll 1
    for (int tile = 0; tile < walk.tiles(); tile++) {
        product.clear();
#pragma unroll 1
        for (int c = 0; c < walk.chunks; c++) walk.take(product, tile, c);
        int col0 = (walk.first() + tile) * kTileRows;
        TilePlace at = tile_place();
        const float2 *figures = walk.memory.columns(tile);
        float most[4];
        bool changed = tile_scores(product.sum, most, p, figures, at, row0);
        if (changed) tile_mend(product.sum, p, figures, at, row0, col0);
        if (Epilogue::kForgets) changed |= tile_forget(product.sum, at, row0, col0, p.m, epilogue.self);
        if (changed) tile_most(product.sum, most);
        epilogue.tile(product.sum, most, at, row0, col0, p);
    }
}
