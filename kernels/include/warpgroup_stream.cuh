// The whole matrix of scores by compute capability 9.0 (H100), for rows of any length: what tile.cuh does where x does not stay in shared
// memory, with products of warpgroups. It is there where UDML_WARPGROUPS is.
//
// The result is parts of 256 rows by 128 columns. There are as many blocks as multiprocessors, and a block takes part after part: a thread
// of its first warpgroup copies chunks of x and y into a ring of stages, also those of the next part while the last one becomes scores; two
// warpgroups multiply 128 rows each. 256 rows, so that 48 KiB of chunks are enough for 1,024 cycles of the tensor cores (1,536 where
// split). A warpgroup waits for its products, and the other one's keep the tensor cores busy.
//
// An epilogue is a struct in registers:
//
//     void half(const float (&score)[64], int row0, int col0, const TileProblem &p);
//         // 64 rows, by a warpgroup: score[4 j + 2 h + e] is row row0 + at.row + 8 h and column col0 + at.col + 8 j + e, with at of
//         // GroupPlace::at(); what is past the last row or column is of no use
//
// Scores are those of tile.cuh in the order of its operations, so that both differ only by how the tensor cores add up.
#pragma once
#include "warpgroup_walk.cuh"

#ifdef UDML_WARPGROUPS
constexpr int kStreamStages = 4, kStreamGroups = 2;
constexpr int kStageBytes = (kWalkTiles + 1) * kChunkBytes;  // a chunk of both tiles of x, and one of y
constexpr int kBand = 8;  // rows of parts that blocks go through column by column

// StreamParts numbers the parts such that blocks at work at the same time share rows and columns in the second-level cache.
struct StreamParts {
    int rows, cols;

    __device__ __forceinline__ explicit StreamParts(const TileProblem &p)
        : rows((p.n + kWalkRows - 1) / kWalkRows), cols((p.m + kTileRows - 1) / kTileRows) {}
    __device__ __forceinline__ int count() const { return rows * cols; }
    // at is a part's place, in parts.
    __device__ __forceinline__ int2 at(int part) const {
        int band = part / (kBand * cols), within = part % (kBand * cols), height = min(kBand, rows - band * kBand);
        return make_int2(band * kBand + within % height, within / height);
    }
};

// StreamMemory is the block's dynamic shared memory: mbarriers, and from the next multiple of 1024 bytes on figures of y and the stages.
// The launcher (distance/pairwise_cuda.go) computes the size the same way.
struct StreamMemory {
    uint64_t *full, *empty;  // a stage is there, is free
    unsigned char *base;

    __device__ __forceinline__ StreamMemory() {
        SHARED(unsigned char, memory);
        full = reinterpret_cast<uint64_t *>(memory), empty = full + kStreamStages;
        base = memory + kWalkBars;
        base += (1024 - shared_address(base) % 1024) % 1024;
    }
    __device__ __forceinline__ float2 *figures(int tile) const {
        return reinterpret_cast<float2 *>(base) + tile % kWalkFigures * kTileRows;
    }
    __device__ __forceinline__ unsigned char *x(int turn, int tile) const {
        return base + kWalkFigures * kTileRows * sizeof(float2) + turn % kStreamStages * kStageBytes + tile * kChunkBytes;
    }
    __device__ __forceinline__ unsigned char *y(int turn) const { return x(turn, kWalkTiles); }
    static __device__ __forceinline__ unsigned parity(int turn) { return turn / kStreamStages & 1; }
};

// stream_begin prepares the mbarriers. All threads of the block call.
__device__ __forceinline__ void stream_begin(const StreamMemory &memory) {
    if (threadIdx.x == 0) {
#pragma unroll 1
        for (int i = 0; i < kStreamStages; i++) {
            mbarrier_init(memory.full + i, 1);
            mbarrier_init(memory.empty + i, kStreamGroups * kGroupThreads / 32);
        }
        mbarrier_init_fence();
    }
    __syncthreads();
}

// stream_copy is the thread that asks for all of the block's chunks. Where x ends with the first tile of a part, its second is the first
// again.
__device__ __forceinline__ void stream_copy(const TileProblem &p, const StreamMemory &memory, int chunks) {
    StreamParts parts(p);
    int last = (p.n + kTileRows - 1) / kTileRows - 1, turn = 0, tile = 0;
#pragma unroll 1
    for (int part = blockIdx.x; part < parts.count(); part += gridDim.x, tile++) {
        int2 at = parts.at(part);
#pragma unroll 1
        for (int c = 0; c < chunks; c++, turn++) {
            uint64_t *full = memory.full + turn % kStreamStages;
            if (turn >= kStreamStages) mbarrier_wait(memory.empty + turn % kStreamStages, memory.parity(turn - kStreamStages));
            mbarrier_expect(full, kStageBytes + (c == 0 ? kTileRows * int(sizeof(float2)) : 0));
#pragma unroll 1
            for (int i = 0; i < kWalkTiles; i++) {
                size_t row = min(at.x * kWalkTiles + i, last);
                bulk_copy(memory.x(turn, i), p.x + (row * chunks + c) * kChunkBytes, kChunkBytes, full);
            }
            size_t col = at.y;
            bulk_copy(memory.y(turn), p.y + (col * chunks + c) * kChunkBytes, kChunkBytes, full);
            if (c == 0) bulk_copy(memory.figures(tile), p.y_figures + col * kTileRows, kTileRows * sizeof(float2), full);
        }
    }
}

// StreamProduct is one multiplying warpgroup's products of 128 rows, in two halves, by a tile of y.
template <TileFormat FORMAT>
struct StreamProduct {
    static constexpr bool kSplit = FORMAT == kTileSplit;
    static constexpr WgmmaLayout kLayout = kSplit ? kLines64 : kLines128;
    static constexpr int kEight = kSplit ? 512 : 1024;  // bytes of eight lines
    const StreamMemory &memory;
    int group;
    float sum[2][64];

    __device__ __forceinline__ StreamProduct(const StreamMemory &memory, int group) : memory(memory), group(group) {
        wgmma_hold(sum[0]), wgmma_hold(sum[1]);
    }

    // begin is a part's: rows of one part begin with their first product.
    __device__ __forceinline__ void begin() {
#pragma unroll
        for (int e = 0; kSplit && e < 128; e++) sum[e / 64][e % 64] = 0;
    }

    // chunk adds the products of chunk c of a part, which is in the stage of that turn. Nothing of it is in flight behind.
    __device__ __forceinline__ void chunk(int turn, int c) {
        mbarrier_wait(memory.full + turn % kStreamStages, memory.parity(turn));
        const unsigned char *rows = memory.x(turn, group);
        uint64_t upper = operand(rows), lower = operand(rows + 8 * kEight), cols = operand(memory.y(turn));
        if constexpr (kSplit) {
            split(upper, lower, cols);
        } else {
            whole(upper, lower, cols, c);
        }
        __syncwarp();
        mbarrier_arrive_if(threadIdx.x % 32 == 0, memory.empty + turn % kStreamStages);
    }
    static __device__ __forceinline__ uint64_t operand(const unsigned char *at) {
        return wgmma_descriptor(shared_address(at), kLayout, kEight, 0);
    }

    // whole is for rows of one part.
    __device__ __forceinline__ void whole(uint64_t upper, uint64_t lower, uint64_t cols, int c) {
        wgmma_fence();
#pragma unroll
        for (int half = 0; half < 2; half++) {
            uint64_t rows = half ? lower : upper;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                if constexpr (FORMAT == kTileBf16) {
                    wgmma_bf16(sum[half], rows + k * kNext16, cols + k * kNext16, c + k);
                } else {
                    wgmma_f16(sum[half], rows + k * kNext16, cols + k * kNext16, c + k);
                }
            }
        }
        wgmma_commit();
        wgmma_wait<0>();
        wgmma_hold(sum[0]), wgmma_hold(sum[1]);
    }

    // split is for rows split in hi and lo: each 16 k are three products that begin from nothing, in the order of tile_product.cuh and
    // for its reason.
    __device__ __forceinline__ void split(uint64_t upper, uint64_t lower, uint64_t cols) {
        constexpr int kLo = kPlaneBytes >> 4;
        float fresh[64];
        wgmma_hold(fresh);
#pragma unroll
        for (int half = 0; half < 2; half++) {
            uint64_t rows = half ? lower : upper;
#pragma unroll
            for (int k = 0; k < 2; k++) {
                uint64_t a = rows + k * kNext16, b = cols + k * kNext16;
                wgmma_fence();
                wgmma_f16(fresh, a, b + kLo, 0);
                wgmma_f16(fresh, a + kLo, b, 1);
                wgmma_f16(fresh, a, b, 1);
                wgmma_commit();
                wgmma_wait<0>();
                wgmma_hold(fresh);
#pragma unroll
                for (int e = 0; e < 64; e++) sum[half][e] += fresh[e];
            }
        }
    }
};

// stream_half is the end of a half: from products to the epilogue.
template <class Epilogue>
__device__ __forceinline__ void stream_half(float (&sum)[64], Epilogue &epilogue, const TileProblem &p, const float2 *y_figures, int row0,
                                            int col0) {
    if (row0 >= p.n) return;
    RowFigures figures(p, row0);
    float most[2];
    group_scores(sum, most, (1 << kParts) - 1, p, y_figures, figures.x, row0, col0, -1);
    epilogue.half(sum, row0, col0, p);
}

// stream_multiply is one multiplying warpgroup's way over the block's parts.
template <TileFormat FORMAT, class Epilogue>
__device__ __forceinline__ void stream_multiply(const TileProblem &p, const StreamMemory &memory, int chunks, Epilogue &epilogue) {
    StreamParts parts(p);
    StreamProduct<FORMAT> product(memory, group_number());
    int turn = 0, tile = 0;
    // Nothing is in flight over the end of a loop's body: ptxas would have every product wait for the one before (C7514).
#pragma unroll 1
    for (int part = blockIdx.x; part < parts.count(); part += gridDim.x, tile++) {
        product.begin();
#pragma unroll 1
        for (int c = 0; c < chunks; c++, turn++) product.chunk(turn, c);
        int2 at = parts.at(part);
        int row0 = at.x * kWalkRows + product.group * kTileRows, col0 = at.y * kTileRows;
        stream_half(product.sum[0], epilogue, p, memory.figures(tile), row0, col0);
        stream_half(product.sum[1], epilogue, p, memory.figures(tile), row0 + 64, col0);
    }
}

// warpgroup_stream is the whole block's: three warpgroups.
template <TileFormat FORMAT, class Epilogue>
__device__ __forceinline__ void warpgroup_stream(const TileProblem &p, Epilogue &epilogue) {
    StreamMemory memory;
    stream_begin(memory);
    int chunks = tile_chunks<FORMAT>(p.d);
    if (group_number() < 0) {
        registers_give<40>();
        if (threadIdx.x == 0) stream_copy(p, memory, chunks);
        return;
    }
    registers_take<232>();
    stream_multiply<FORMAT>(p, memory, chunks, epilogue);
}
#endif
