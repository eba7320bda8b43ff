// The products of one warp of the tiled main loop: 32 rows of x by 64 columns (rows of y), one chunk at a time.
#pragma once
#include "mma.cuh"
#include "tile_layout.cuh"

// TilePlace is where a thread's sums lie: sum[i][j][2 h + e] is row `row` + 16 i + 8 h and column `col` + 8 j + e.
// Seen by rows: row + 8 r with r = 2 i + h from 0 to 3.
struct TilePlace {
    int row, col;
};

__device__ __forceinline__ TilePlace tile_place() {
    unsigned thread = thread_again(), warp = thread / 32, lane = thread % 32;  // the main loop has no register for a place
    return {static_cast<int>(warp / 2 * 32 + lane / 4), static_cast<int>(warp % 2 * 64 + lane % 4 * 2)};
}

template <TileFormat FORMAT>
struct TileProduct {
    static constexpr bool kSplit = FORMAT == kTileSplit;
    static constexpr int kDepth = chunk_depth(kSplit);
    static constexpr int kLine = kDepth * 2;    // bytes of a row of a chunk
    static constexpr int kSteps = kDepth / 16;  // instructions along k
    static constexpr int kParts = kSplit ? 2 : 1;

    float sum[2][8][4];

    __device__ __forceinline__ void clear() {
#pragma unroll
        for (int e = 0; e < 64; e++) sum[e / 32][e / 4 % 8][e % 4] = 0;
    }

    // Fragments of 16 rows (or columns) and 16 k, hi and lo. The k of step s lie 32 s bytes further on: where units
    // are exchanged, that is a bit of the offset flipped.
    struct Part {
        uint32_t reg[kParts][4];
    };
    static __device__ __forceinline__ void load(Part &p, const unsigned char *chunk, int lane, int step, int sixteen) {
#pragma unroll
        for (int i = 0; i < kParts; i++)
            ldmatrix_x4(p.reg[i], chunk + (lane ^ step << 5) + sixteen * 16 * kLine + i * kPlaneBytes);
    }

    // chunk adds the products of one chunk of each operand, 16 k by 16 columns at a time. The fragments of the
    // columns are loaded one step ahead of their use.
    __device__ __forceinline__ void chunk(const unsigned char *a, const unsigned char *b) {
        int warp = threadIdx.x / 32, lane = threadIdx.x % 32;  // the lane's row of the operands for ldmatrix
        int a_lane = unit_offset(kSplit, warp / 2 * 32 + lane % 16, lane / 16);
        int b_lane = unit_offset(kSplit, warp % 2 * 64 + lane % 8 + lane / 16 * 8, lane / 8 % 2);
#pragma unroll 1
        for (int s = 0; s < kSteps; s++) {
            Part rows[2], cols[2];
            load(rows[0], a, a_lane, s, 0);
            load(rows[1], a, a_lane, s, 1);
            load(cols[0], b, b_lane, s, 0);
#pragma unroll
            for (int q = 0; q < 4; q++) {
                if (q < 3) load(cols[(q + 1) % 2], b, b_lane, s, q + 1);
                if constexpr (kSplit) {
                    three(q, rows, cols[q % 2]);
                } else {
                    one(q, rows, cols[q % 2]);
                }
            }
        }
    }

    // three is hi lo, lo hi, then hi hi: small products first. The tensor core's adder cuts bits off instead of
    // rounding, by up to a unit in the last place of the sum, always towards zero; so it sums these three alone, of
    // which one is of full size, and the ordinary adder adds them to the rest: the cut does not grow with D.
    __device__ __forceinline__ void three(int q, const Part (&row)[2], const Part &col) {
        float fresh[2][2][4] = {};
#pragma unroll
        for (int product = 0; product < 3; product++) {
            int a = product == 1, b = product == 0;
#pragma unroll
            for (int i = 0; i < 2; i++) {
                multiply(fresh[i][0], row[i].reg[a % kParts], col.reg[b % kParts]);
                multiply(fresh[i][1], row[i].reg[a % kParts], col.reg[b % kParts] + 2);
            }
        }
#pragma unroll
        for (int e = 0; e < 16; e++) sum[e / 8][2 * q + e / 4 % 2][e % 4] += fresh[e / 8][e / 4 % 2][e % 4];
    }

    __device__ __forceinline__ void one(int q, const Part (&row)[2], const Part &col) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            multiply(sum[i][2 * q], row[i].reg[0], col.reg[0]);
            multiply(sum[i][2 * q + 1], row[i].reg[0], col.reg[0] + 2);
        }
    }

    static __device__ __forceinline__ void multiply(float *d, const uint32_t *a, const uint32_t *b) {
        if constexpr (FORMAT == kTileBf16) {
            mma_bf16(d, a, b);
        } else {
            mma_f16(d, a, b);
        }
    }
};
