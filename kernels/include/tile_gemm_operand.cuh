// The factors of tile_gemm.cuh: loaders of plain matrices, and the way of any loader's tiles into shared memory.
#pragma once
#include "mma.cuh"
#include "pack.cuh"

constexpr int kGemmDepth = 16;  // k that lie in shared memory at a time

// GemmRows is a matrix [rows, depth] of float or bfloat whose rows are ld apart, k dense. Quads are loaded whole where all are aligned.
template <typename T>
struct GemmRows {
    static constexpr bool kAlongRows = false;
    const T *from;
    long long ld;
    int rows, depth;
    bool aligned;

    __device__ __forceinline__ GemmRows(const T *from, int rows, int depth, long long ld)
        : from(from), ld(ld), rows(rows), depth(depth), aligned(ld % 4 == 0 && reinterpret_cast<size_t>(from) % 16 == 0) {}

    struct Row {
        const T *at;  // null past the end
    };
    __device__ __forceinline__ Row row(int i) const { return {i < rows ? from + i * ld : nullptr}; }
    __device__ __forceinline__ float4 load(const Row &r, int k) const {
        if (!r.at) return make_float4(0, 0, 0, 0);
        if (aligned && k + 4 <= depth) return quad(r.at + k);
        return make_float4(k < depth ? float(r.at[k]) : 0, k + 1 < depth ? float(r.at[k + 1]) : 0, k + 2 < depth ? float(r.at[k + 2]) : 0,
                           k + 3 < depth ? float(r.at[k + 3]) : 0);
    }
};

// GemmColumns is a matrix [depth, rows] in memory, whose lines are ld apart: the transpose of the product's
// operand.
template <typename T>
struct GemmColumns {
    static constexpr bool kAlongRows = true;
    const T *from;
    long long ld;
    int rows, depth;
    bool aligned;

    __device__ __forceinline__ GemmColumns(const T *from, int rows, int depth, long long ld)
        : from(from), ld(ld), rows(rows), depth(depth), aligned(ld % 4 == 0 && reinterpret_cast<size_t>(from) % 16 == 0) {}

    struct Row {
        int i;
    };
    __device__ __forceinline__ Row row(int i) const { return {i}; }
    __device__ __forceinline__ float4 load(const Row &r, int k) const {
        if (k >= depth) return make_float4(0, 0, 0, 0);
        const T *at = from + k * ld + r.i;
        if (aligned && r.i + 4 <= rows) return quad(at);
        return make_float4(r.i < rows ? float(at[0]) : 0, r.i + 1 < rows ? float(at[1]) : 0, r.i + 2 < rows ? float(at[2]) : 0,
                           r.i + 3 < rows ? float(at[3]) : 0);
    }
};

namespace tile_gemm {

// place is where quad q of row r lies. The exchange within a row spreads the words of a transposing store, four rows
// apart, over the banks.
__device__ __forceinline__ int place(int r, int q) { return r * 4 + (q ^ (r >> 2 & 3)); }

__device__ __forceinline__ float part(const float4 &v, int i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }

// Operand brings the tiles of one factor into shared memory, 16 k at a time.
template <class Loader, int ROWS, int THREADS>
struct Operand {
    static constexpr int kEach = ROWS * 4 / THREADS;  // quads a thread
    const Loader &from;
    typename Loader::Row rows[kEach];
    float4 held[kEach];

    // Quads along k: neighbours take the four of a row. Along rows: a warp takes four k of 32 rows.
    static __device__ __forceinline__ int row(int i) {
        int e = threadIdx.x + i * THREADS;
        return Loader::kAlongRows ? (e % 8 + e / 32 % (ROWS / 32) * 8) * 4 : e / 4;
    }
    static __device__ __forceinline__ int depth(int i) {
        int e = threadIdx.x + i * THREADS;
        return Loader::kAlongRows ? e / 8 % 4 + e / ROWS * 4 : e % 4 * 4;
    }

    __device__ __forceinline__ Operand(const Loader &from, int first) : from(from) {
#pragma unroll
        for (int i = 0; i < kEach; i++) rows[i] = from.row(first + row(i));
    }
    __device__ __forceinline__ void fetch(int k) {
#pragma unroll
        for (int i = 0; i < kEach; i++) held[i] = from.load(rows[i], k + depth(i));
    }
    __device__ __forceinline__ void store(float4 *tile) const {
#pragma unroll
        for (int i = 0; i < kEach; i++) {
            int r = row(i), k = depth(i);
            if constexpr (Loader::kAlongRows) {
#pragma unroll
                for (int j = 0; j < 4; j++) reinterpret_cast<float *>(tile + place(r + j, k / 4))[k % 4] = part(held[i], j);
            } else {
                tile[place(r, k / 4)] = held[i];
            }
        }
    }
};

// element is one element of a loader's matrix.
template <class Loader>
__device__ __forceinline__ float element(const Loader &from, int i, int k) {
    if (Loader::kAlongRows) return part(from.load(from.row(i & ~3), k), i & 3);
    return part(from.load(from.row(i), k & ~3), k & 3);
}

// plainly is the sum of one element without the split, for sums that are not finite.
template <class A, class B>
__device__ float plainly(const A &a, const B &b, int i, int j, int k0, int k1) {
    float sum = 0;
#pragma unroll 1
    for (int k = k0; k < k1; k++) sum = fmaf(element(a, i, k), element(b, j, k), sum);
    return sum;
}

}  // namespace tile_gemm
