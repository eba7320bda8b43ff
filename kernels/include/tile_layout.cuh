// How the tiled main loop (tile.cuh) has its operands in memory.
//
// An operand is rows of D floats, packed by distance/prepare.cu: 128 rows are a tile, a tile is chunks of 16 KiB
// one behind the other, and the loop takes a chunk at a time: all 128 rows, some k. The end is filled up with
// zeros. A chunk lies in global memory exactly as in shared memory, so that loading one is a straight copy,
// and its rows are 64 or 128 bytes whose 16-byte units are exchanged so that the eight rows of an ldmatrix read all
// banks once.
//
// Three formats, all after scaling each row by the power of two that brings its largest element to 2^13..2^14, but for rows of x of one
// part that need it not (distance/prepare.cu):
//
//     kTileSplit   hi + lo, both half precision. With the row's own scale the 5 bits of exponent are enough for both:
//                  lo keeps its 11 bits down to elements of 2^-17 of the row's largest, so that a factor is off by
//                  at most 2^-23 of the power of two below it; smaller ones are off by at most 2^-39 of the largest.
//     kTileHalf    hi alone: 11 bits, as many as tf32 has
//     kTileBf16    8 bits
#pragma once
#include "kernel.cuh"

enum TileFormat { kTileSplit, kTileHalf, kTileBf16 };

constexpr int kTileRows = 128;                    // rows of a tile, of either operand
constexpr int kChunkBytes = 16 << 10;         // of a chunk
constexpr int kPlaneBytes = kChunkBytes / 2;  // of the hi, and of the lo behind it, of a split chunk

// chunk_depth is how many k a chunk has.
__host__ __device__ constexpr int chunk_depth(bool split) { return split ? 32 : 64; }

// tile_chunks is how many chunks D makes, at least one.
template <TileFormat FORMAT>
__device__ __forceinline__ int tile_chunks(int d) {
    constexpr int depth = chunk_depth(FORMAT == kTileSplit);
    return max(1, (d + depth - 1) / depth);
}

// unit_offset is the byte in a chunk (in a plane of it, where split) of unit u, k = 8u..8u+7, of row r.
__device__ __forceinline__ int unit_offset(bool split, int r, int u) {
    return split ? r * 64 + ((u ^ (r >> 1 & 3)) << 4) : r * 128 + ((u ^ (r & 7)) << 4);
}

// TileProblem is the input of a block: both operands packed, each row's figures for the scores, and the rows
// themselves, which only the rare repair reads.
//
// Scores are such that larger is better: s(i, j) = (x.y) x_figure.x y_figure.x + (x_figure.y + y_figure.y). See
// distance/prepare.cu.
struct TileProblem {
    const unsigned char *x, *y;           // chunks
    const float2 *x_figures, *y_figures;  // one a row, also of the rows that fill the last tile
    const float *x_rows, *y_rows;         // [n, d], [m, d]
    int n, m, d;
    int per;     // column tiles that a block walks over: blockIdx.y * per on
    int metric;  // of the Go package: below
};

// tile_part is how many column tiles the block's part of all has.
__device__ __forceinline__ int tile_part(const TileProblem &p) {
    return min(p.per, (p.m + kTileRows - 1) / kTileRows - static_cast<int>(blockIdx.y) * p.per);
}

enum { kSquaredL2, kCosine, kInnerProduct };

// The first parameters of every kernel that walks over tiles, and the problem they make.
#define TILE_PARAMETERS                                                                                        \
    const unsigned char *x, const unsigned char *y, const float2 *x_figures, const float2 *y_figures,          \
        const float *x_rows, const float *y_rows, int n, int m, int d, int per, int metric
#define TILE_PROBLEM TileProblem{x, y, x_figures, y_figures, x_rows, y_rows, n, m, d, per, metric}
