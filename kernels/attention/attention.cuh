// What the kernels of attention share: a block of 256 threads works on tiles of R 16 rows of queries by as many keys, of one head
// of one image, whose D columns (WIDE of them in shared memory, filled up with zeros) it holds whole.
//
// Thread (y, x) of 16 x 16 has the logits of queries R y + i and keys x + 16 j, and of an output the rows R y + i and the columns
// x + 16 c. Factors come from shared memory: of logits four columns at a time, R + R loads of 16 bytes for 4 R R products. Rows
// there are WIDE + 4 floats apart, so that the eight rows that a quarter of a warp reads lie in all banks. Products are float32
// FMAs on the ordinary units, not on the tensor cores, whose splitting in two would take the registers of another tile. Those of bfloat
// are in product.cuh.
#pragma once
#include "../include/reduce.cuh"
#include "place.cuh"

namespace attention {

constexpr int kThreads = 256;

template <int R, int WIDE>
struct Tile {
    static constexpr int kSide = 16 * R;         // queries, and keys
    static constexpr int kLine = WIDE + 4;       // floats from row to row of an operand
    static constexpr int kOperand = kSide * kLine;
    static constexpr int kPairs = kSide * (kSide + 4);  // probabilities, or their gradients
    static constexpr int kCols = WIDE / 16;      // columns of a thread
    static_assert(R == 4 || R == 2, "probabilities are read in vectors of R floats");

    static __device__ __forceinline__ int y() { return threadIdx.x / 16; }
    static __device__ __forceinline__ int x() { return threadIdx.x % 16; }

    // load brings rows [first, first + kSide) times factor into shared memory; rows and columns past the end are 0.
    static __device__ __forceinline__ void load(float *to, const Rows<float> &from, int first, int dim, float factor) {
        for (int e = threadIdx.x; e < kSide * WIDE; e += kThreads) {
            int r = e / WIDE, c = e % WIDE;
            to[r * kLine + c] = first + r < from.rows && c < dim ? factor * from.at[(first + r) * from.ld + c] : 0;
        }
    }

    // logits multiplies rows of a with rows of b.
    static __device__ __forceinline__ void logits(float (&s)[R][R], const float *a, const float *b) {
#pragma unroll
        for (int e = 0; e < R * R; e++) s[e / R][e % R] = 0;
#pragma unroll 2
        for (int c = 0; c < WIDE; c += 4) {
            float4 u[R], v[R];
#pragma unroll
            for (int i = 0; i < R; i++) {
                u[i] = *reinterpret_cast<const float4 *>(a + (R * y() + i) * kLine + c);
                v[i] = *reinterpret_cast<const float4 *>(b + (x() + 16 * i) * kLine + c);
            }
#pragma unroll
            for (int e = 0; e < R * R; e++) {
                const float4 &p = u[e / R], &q = v[e % R];
                s[e / R][e % R] = fmaf(p.w, q.w, fmaf(p.z, q.z, fmaf(p.y, q.y, fmaf(p.x, q.x, s[e / R][e % R]))));
            }
        }
    }

    // keep writes a thread's values of queries by keys into shared memory, a row for each query.
    static __device__ __forceinline__ void keep(float *pairs, const float (&s)[R][R]) {
#pragma unroll
        for (int e = 0; e < R * R; e++) pairs[(R * y() + e / R) * (kSide + 4) + x() + 16 * (e % R)] = s[e / R][e % R];
    }

    // add is sum += pairs times the rows of v: a row of sum for each query.
    static __device__ __forceinline__ void add(float (&sum)[R][kCols], const float *pairs, const float *v) {
#pragma unroll 4
        for (int u = 0; u < kSide; u++) {
            float p[R];
#pragma unroll
            for (int i = 0; i < R; i++) p[i] = pairs[(R * y() + i) * (kSide + 4) + u];
            accumulate(sum, p, v + u * kLine);
        }
    }

    // add_turned is sum += pairs transposed times the rows of v: a row of sum for each key.
    static __device__ __forceinline__ void add_turned(float (&sum)[R][kCols], const float *pairs, const float *v) {
#pragma unroll 4
        for (int t = 0; t < kSide; t++) {
            float p[R];
#pragma unroll
            for (int i = 0; i < R; i++) p[i] = pairs[t * (kSide + 4) + R * y() + i];
            accumulate(sum, p, v + t * kLine);
        }
    }

    static __device__ __forceinline__ void accumulate(float (&sum)[R][kCols], const float (&p)[R], const float *row) {
#pragma unroll
        for (int c = 0; c < kCols; c++) {
            float v = row[x() + 16 * c];
#pragma unroll
            for (int i = 0; i < R; i++) sum[i][c] = fmaf(p[i], v, sum[i][c]);
        }
    }

    static __device__ __forceinline__ void clear(float (&sum)[R][kCols]) {
#pragma unroll
        for (int e = 0; e < R * kCols; e++) sum[e / kCols][e % kCols] = 0;
    }

    // store writes rows [first, first + kSide) of the result, each times its factor.
    static __device__ __forceinline__ void store(float *to, long long ld, int rows, int dim, int first, const float (&sum)[R][kCols],
                                                 const float (&factor)[R]) {
#pragma unroll
        for (int i = 0; i < R; i++) {
            int r = first + R * y() + i;
#pragma unroll
            for (int c = 0; c < kCols; c++) {
                int col = x() + 16 * c;
                if (r < rows && col < dim) to[r * ld + col] = factor[i] * sum[i][c];
            }
        }
    }
};

// over_row combines the values of the 16 threads that share a query; all of them get it.
template <typename Op>
__device__ __forceinline__ float over_row(float v, Op op) {
#pragma unroll
    for (int step = 8; step > 0; step /= 2) {
        float other = __shfl_xor_sync(kWholeWarp, v, step);
        v = threadIdx.x & step ? op(other, v) : op(v, other);
    }
    return v;
}

}  // namespace attention

// ATTENTION_KERNELS defines a kernel for heads of up to 64, 96 and 128 columns. The wide ones have a quarter of the tile, so that the
// operands of the gradients fit the shared memory of every GPU.
#define ATTENTION_KERNELS(X) X(64, 4) X(96, 2) X(128, 2)
