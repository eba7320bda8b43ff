// Means of rows that a counting sort has put in order: the centroids.
//
// The sorted rows are cut into pieces of at most 256, none across two clusters, and each piece is one block's: so a cluster
// with all rows is as well spread over the multiprocessors as a thousand small ones. A warp reads whole rows, four
// at a time, and the reading is the cost: 512 bytes a row of 128 numbers, once. Sums are kept in double, whose
// addition hides behind the reading; no atomics, so the tree is fixed: rows by warp, warps by block, pieces in order.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"

namespace cluster {

constexpr int kPieceRows = 256;  // pieceRows on the host
constexpr int kPieceWarps = 8;

// piece_of is the cluster that piece b belongs to: the last j with piece[j] <= b among those that have pieces.
__device__ __forceinline__ int piece_of(const int *piece, int k, int b) {
    int lo = 0, hi = k;  // piece[lo] <= b < piece[hi]
    while (hi - lo > 1) {
        int mid = lo + (hi - lo) / 2;
        if (piece[mid] <= b) lo = mid;
        else hi = mid;
    }
    return lo;
}

template <int V>
__device__ __forceinline__ void load(float v[V], const float *x) {
    if (V == 4) {
        float4 q = *reinterpret_cast<const float4 *>(x);
        v[0] = q.x, v[V > 1 ? 1 : 0] = q.y, v[V > 2 ? 2 : 0] = q.z, v[V > 3 ? 3 : 0] = q.w;
    } else {
        v[0] = *x;
    }
}

// sum_rows adds V columns of rows lo+warp, lo+warp+8, ... of the order. Four rows are asked for before the first is added.
template <int V>
__device__ __forceinline__ void sum_rows(double sum[V], const float *x, const int *order, int lo, int hi, int d) {
    for (int i = lo; i < hi; i += 4 * kPieceWarps) {
        float v[4][V] = {};
#pragma unroll
        for (int u = 0; u < 4; ++u) {
            int at = i + u * kPieceWarps;
            if (at < hi) load<V>(v[u], x + (long long)(order ? order[at] : at) * d);
        }
#pragma unroll
        for (int u = 0; u < 4; ++u)
            for (int e = 0; e < V; ++e) sum[e] += v[u][e];
    }
}

// piece_sums is sum[piece] = sum of its rows, 32 V columns a block.
template <int V>
__device__ __forceinline__ void piece_sums(double *sum, const float *x, const int *order, const int *start, const int *piece,
                                           int k, int d) {
    __shared__ int bounds[2];
    __shared__ double part[kPieceWarps][V][32];
    int b = blockIdx.x, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    if (b >= piece[k]) return;
    if (threadIdx.x == 0) {
        int j = piece_of(piece, k, b);
        bounds[0] = start[j] + (b - piece[j]) * kPieceRows;
        bounds[1] = min(bounds[0] + kPieceRows, start[j + 1]);
    }
    __syncthreads();
    int first = blockIdx.y * 32 * V, column = first + lane * V;
    double mine[V] = {};
    if (column < d) sum_rows<V>(mine, x + column, order, bounds[0] + warp, bounds[1], d);
    for (int e = 0; e < V; ++e) part[warp][e][lane] = mine[e];
    __syncthreads();
    int t = threadIdx.x;
    if (t >= 32 * V || first + t >= d) return;
    double total = 0;
    for (int w = 0; w < kPieceWarps; ++w) total += part[w][t % V][t / V];
    sum[(long long)b * d + first + t] = total;
}

}  // namespace cluster

// sum [pieces, d] for any d.
KERNEL_BOUNDS(256, 4, cluster_piece_sums, double *sum, const float *x, const int *order, const int *start, const int *piece,
              int k, int d) {
    cluster::piece_sums<1>(sum, x, order, start, piece, k, d);
}

// The same for rows that are whole float4s and lie at 16 bytes.
KERNEL_BOUNDS(256, 4, cluster_piece_sums4, double *sum, const float *x, const int *order, const int *start, const int *piece,
              int k, int d) {
    cluster::piece_sums<4>(sum, x, order, start, piece, k, d);
}

// c[j] = the sum of cluster j's pieces over its number of rows; an empty cluster stays. mean, where it is asked for, is
// the same in double; moved [K, gridDim.y] is the part of |new c - old c|^2 in this block's columns. Each block adds 32
// columns of one cluster; its warps share the pieces, which are many where one cluster holds everything.
KERNEL_BOUNDS(256, 4, cluster_piece_means, float *c, double *mean, double *moved, const double *sum, const int *piece,
              const int *count, int d) {
    __shared__ double part[cluster::kPieceWarps][32];
    int j = blockIdx.x, lane = threadIdx.x % 32, warp = threadIdx.x / 32, column = blockIdx.y * 32 + lane, n = count[j];
    double total = 0;
    if (column < d)
        for (int p = piece[j] + warp; p < piece[j + 1]; p += cluster::kPieceWarps) total += sum[(long long)p * d + column];
    part[warp][lane] = total;
    __syncthreads();
    if (warp > 0) return;
    for (int w = 1; w < cluster::kPieceWarps; ++w) total += part[w][lane];
    double step = 0;
    if (n > 0 && column < d) {
        long long at = (long long)j * d + column;
        double m = total / n;
        if (mean) mean[at] = m;
        if (c) {
            if (moved) step = (float)m - c[at];
            c[at] = (float)m;
        }
    }
    step = warp_sum(step * step);
    if (moved && lane == 0) moved[(long long)j * gridDim.y + blockIdx.y] = step;
}
