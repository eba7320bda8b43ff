// Products of a block's rows with all columns (centroids, or the rows of the batch themselves), which stay where the block can read them
// again, and what a loss over such rows asks of them. A block owns 8 rows and passes over all columns; those are read through the L2
// cache, which holds them for all blocks. Products are float32 on the ordinary units: they are divided by a temperature of 0.1 or
// less, and the error of rounded factors would be multiplied by that.
//
// A Run is one evaluation: x rows [n,d] from `first` on, columns() columns [.,d]. Similarities lie as sims[column*kRows + row]: a warp's
// products are neighbours, and a thread of the last pass reads four rows at once. live(j): column j holds numbers; the products of others
// are never looked at. counts(j, r): it is among those that row r of the block is compared with.
#pragma once
#include "../include/reduce.cuh"

namespace loss::similarity {

constexpr int kRows = 8;     // in a block: one for each warp where rows are worked on alone
constexpr int kThreads = 256;
constexpr int kWidth = 256;  // features of the rows in shared memory at a time
constexpr int kColumns = 4;  // that a warp multiplies at a time: with the rows, one product for each lane

// Place is a column and its similarity to a row; column INT_MAX: none yet.
struct Place {
    float s;
    int column;
};

// The better of two: the larger, of equals the first.
__device__ __forceinline__ Place better(Place a, Place b) {
    bool second = b.column != INT_MAX && (a.column == INT_MAX || b.s > a.s || (b.s == a.s && b.column < a.column));
    return second ? b : a;
}

// largest finds the column of the largest similarity among those that count for row r, but for column `without`; INT_MAX where none does.
// NaN loses or wins as it comes: it spoils the row's sums either way.
template <typename Run>
__device__ __forceinline__ int largest(const Run &run, int r, int without) {
    Place best = {0, INT_MAX};
    for (int j = threadIdx.x % 32; j < run.columns(); j += 32) {
        if (run.counts(j, r) && j != without) best = better(best, {run.sims[j * kRows + r], j});
    }
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        Place other = {__shfl_xor_sync(kWholeWarp, best.s, step), __shfl_xor_sync(kWholeWarp, best.column, step)};
        best = threadIdx.x & step ? better(other, best) : better(best, other);
    }
    return best.column;
}

// spread sums 32 values over the lanes of a warp and leaves sum number l in lane l: each exchange halves both the
// values and the lanes that they are still spread over, 31 shuffles in place of 160. A template, because a register
// array is only one when every index is known.
template <int kHalf = 16>
__device__ __forceinline__ float spread(float (&v)[32]) {
    bool upper = threadIdx.x & kHalf;
#pragma unroll
    for (int i = 0; i < kHalf; i++) {
        // Copies first: a choice between elements becomes one between addresses, and the array goes to memory.
        float low = v[i], high = v[i + kHalf], kept = upper ? high : low, given = upper ? low : high;
        v[i] = kept + __shfl_xor_sync(kWholeWarp, given, kHalf);
    }
    if constexpr (kHalf > 1) return spread<kHalf / 2>(v);
    else return v[0];
}

// The block's rows, features [at, at+width), to shared memory; zeros below the last row.
template <typename Run>
__device__ __forceinline__ void load_rows(float (&tile)[kRows][kWidth], const Run &run, int at, int width) {
    for (int i = threadIdx.x; i < kRows * kWidth; i += kThreads) {
        int r = i / kWidth, e = i % kWidth;
        bool inside = e < width && run.first + r < run.n;
        tile[r][e] = inside ? run.row(run.first + r)[at + e] : 0.0f;
    }
}

// The products of the block's rows with columns j .. j+3 over the features in the tile: lane l gets that of column
// j + l/8 and row l%8. The number in the register array is the same, so that spread sends it there.
template <typename Run>
__device__ __forceinline__ float products(const float (&tile)[kRows][kWidth], const Run &run, int j, int at, int width) {
    const float *c[kColumns];
    bool live[kColumns];
    float sum[kColumns * kRows] = {};
#pragma unroll
    for (int q = 0; q < kColumns; q++) {
        live[q] = j + q < run.columns() && run.live(j + q);
        c[q] = run.column(live[q] ? j + q : 0) + at;
    }
    for (int e = threadIdx.x % 32; e < width; e += 32) {
        float of[kRows];
#pragma unroll
        for (int r = 0; r < kRows; r++) of[r] = tile[r][e];
#pragma unroll
        for (int q = 0; q < kColumns; q++) {
            float v = live[q] ? c[q][e] : 0.0f;
#pragma unroll
            for (int r = 0; r < kRows; r++) sum[q * kRows + r] += of[r] * v;
        }
    }
    return spread<>(sum);
}

// All similarities of the block's rows, not yet divided by the temperature. All threads of the block call it, and a barrier after it; it
// begins with one, so that sims and tile may be in use until then.
template <typename Run>
__device__ __forceinline__ void similarities(float (&tile)[kRows][kWidth], const Run &run) {
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    for (int at = 0; at == 0 || at < run.d; at += kWidth) {
        int width = min(kWidth, run.d - at);
        __syncthreads();
        load_rows(tile, run, at, width);
        __syncthreads();
        for (int j = warp * kColumns; j < run.columns(); j += kThreads / 32 * kColumns) {
            float sum = products(tile, run, j, at, width);
            float *place = run.sims + j * kRows + lane;
            if (j + lane / kRows < run.columns()) *place = at == 0 ? sum : *place + sum;
        }
    }
}

// The product back, of four rows in one feature: g[r] = sum_j sims[j, from + r] column_j.
template <typename Run>
__device__ __forceinline__ void product_back(float (&g)[4], const Run &run, int from, int e, int columns) {
#pragma unroll 4
    for (int j = 0; j < columns; j++) {
        float v = run.live(j) ? run.column(j)[e] : 0.0f;
        float4 of = *reinterpret_cast<const float4 *>(run.sims + j * kRows + from);
        g[0] += of.x * v, g[1] += of.y * v, g[2] += of.z * v, g[3] += of.w * v;
    }
}

}  // namespace loss::similarity
