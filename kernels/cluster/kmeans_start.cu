// Greedy k-means++ without the host: two launches a centroid. One takes the best of the last candidates and draws new ones;
// the other measures all rows against them. Random words are functions of step and candidate (rng.Key), so that no
// state is kept. Sums of closest distances are kept for tiles of 128 rows: a draw then looks at the tiles' sums, and at the
// rows of one tile.
#include "../include/kernel.cuh"
#include "../include/philox.cuh"
#include "../include/scan.cuh"

namespace cluster {

constexpr int kTile = 128;           // seedTile on the host: rows of a block of approach, one a thread
constexpr int kCandidates = 12;      // seedCandidates: those that one block measures at once; K = 22,026 needs no more
constexpr int kColumns = 32;         // columns in shared memory at a time
constexpr int kMostCandidates = 32;  // 2 + ln K of the largest K that an int holds is 23

// beyond is the first i with `left` below the sum of v[0..i], where v[i] > 0; -1 when there is none. left is then the rest
// of it at i. One block looks at as many values at a time as it has threads.
template <typename T>
__device__ int beyond(const T *v, int n, double &left) {
    __shared__ double remains;
    for (int base = 0; base < n; base += blockDim.x) {
        int i = base + threadIdx.x;
        double x = i < n ? (double)v[i] : 0.0, total;
        double before = block_scan(x, total);
        int hit = block_reduce(x > 0 && left < before + x ? i : n, Min(), n);
        if (hit < n) {
            if (i == hit) remains = left - before;
            __syncthreads();
            left = remains;
            return hit;
        }
        left -= total;
    }
    return -1;
}

// last_positive is the last i < n with v[i] > 0, or otherwise. n is at most the number of threads.
__device__ int last_positive(const float *v, int n, int otherwise) {
    int i = threadIdx.x;
    int last = block_reduce(i < n && v[i] > 0 ? i : -1, Max(), -1);
    return last < 0 ? otherwise : last;
}

// draw_row is a row with a chance proportional to its closest distance: at part u of their sum, which is above 0; otherwise
// where rounding leads past them all.
__device__ int draw_row(const float *closest, const double *tile, int n, int tiles, double u, double total, int otherwise) {
    double left = u * total;
    int t = beyond(tile, tiles, left);
    if (t < 0) {  // rounding: the sum ends a little below the total
        t = tiles - 1;
        left = INFINITY;
    }
    const float *rows = closest + (long long)t * kTile;
    int count = min(kTile, n - t * kTile);
    int at = beyond(rows, count, left);
    if (at < 0) at = last_positive(rows, count, otherwise - t * kTile);
    return t * kTile + at;
}

// least is the candidate with the smallest sum over the tiles, and that sum. A warp adds a candidate's sums: no barrier for
// each of them.
__device__ int least(const double *sums, int candidates, int tiles, double &smallest) {
    __shared__ double totals[kMostCandidates];
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (int c = threadIdx.x / 32; c < candidates; c += warps) {
        double sum = 0;
        for (int t = lane; t < tiles; t += 32) sum += sums[(long long)c * tiles + t];
        sum = warp_sum(sum);
        if (lane == 0) totals[c] = sum;
    }
    __syncthreads();
    int best = 0;
    smallest = INFINITY;
    for (int c = 0; c < candidates; ++c)
        if (totals[c] < smallest) smallest = totals[c], best = c;
    return best;
}

}  // namespace cluster

// Takes the best of the `before` candidates drawn last (rowsBefore, near [before, n], sums [before, tiles]) as centroid number
// step-1, and draws candidate blockIdx.x of step into rows; none where m is 0, and -1 where no row is off the
// centroids. Every block finds the best for itself, which spares a launch.
KERNEL_BOUNDS(1024, 1, cluster_draw, int *rows, int *chosen, int *best, const int *rowsBefore, const float *near,
              const double *sums, int before, int n, int tiles, int m, int step, unsigned long long seed, int op, int restart) {
    double total = 0;
    int taken = 0, candidate = blockIdx.x;
    if (before > 0) {
        taken = cluster::least(sums, before, tiles, total);
        if (candidate == 0 && threadIdx.x == 0) {
            chosen[step - 1] = rowsBefore[taken];
            best[0] = taken;
        }
    }
    if (candidate >= m) return;
    uint4 w = random_at({seed, 0, (unsigned)step, (unsigned)op, (unsigned)restart}, candidate);
    int row = random_below(w.z, n);
    if (before > 0) {
        double u = (double)((unsigned long long)w.x << 21 | w.y >> 11) / 9007199254740992.0;  // 2^53
        row = !(total > 0) ? -1 : cluster::draw_row(near + (long long)taken * n, sums + (long long)taken * tiles, n, tiles, u, total, row);
    }
    if (threadIdx.x == 0) rows[candidate] = row;
}

// near[c, i] = min(|x_i - x_rows[c]|^2, closest distance so far), where up to same[i] counts as 0, and
// sums[c, tile] = its sum over the tile. A thread owns a row, which lies in shared memory with the candidates: a warp reads the same piece
// of a candidate at once, and rows 36 floats apart, which as float4 meet no bank twice. By differences, so no distance loses digits.
KERNEL_BOUNDS(128, 4, cluster_approach, float *near, double *sums, const float *x, const float *same, const int *rows,
              const float *nearBefore, const int *best, int n, int d, int m, int tiles) {
    using namespace cluster;
    __shared__ __align__(16) float xs[kTile][kColumns + 4];
    __shared__ __align__(16) float cs[kCandidates][kColumns];
    __shared__ double part[kTile / 32][kCandidates];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first = blockIdx.y * kCandidates, base = blockIdx.x * kTile;
    float acc[kCandidates] = {};
    for (int p = 0; p < d; p += kColumns) {
        int column = p + lane;
        for (int r = warp; r < kTile; r += kTile / 32)
            xs[r][lane] = column < d && base + r < n ? x[(long long)(base + r) * d + column] : 0.0f;
        for (int c = warp; c < kCandidates; c += kTile / 32)
            cs[c][lane] = column < d && first + c < m && rows[first + c] >= 0 ? x[(long long)rows[first + c] * d + column] : 0.0f;
        __syncthreads();
        for (int q = 0; q < kColumns; q += 4) {
            float4 a = *reinterpret_cast<const float4 *>(&xs[threadIdx.x][q]);
#pragma unroll
            for (int c = 0; c < kCandidates; ++c) {
                float4 b = *reinterpret_cast<const float4 *>(&cs[c][q]);
                float e0 = a.x - b.x, e1 = a.y - b.y, e2 = a.z - b.z, e3 = a.w - b.w;
                acc[c] += e0 * e0 + e1 * e1 + (e2 * e2 + e3 * e3);
            }
        }
        __syncthreads();
    }
    int i = base + threadIdx.x;
    float had = i >= n ? 0.0f : best ? nearBefore[(long long)best[0] * n + i] : INFINITY, rounding = i < n ? same[i] : 0.0f;
#pragma unroll
    for (int c = 0; c < kCandidates; ++c) {
        float v = acc[c] <= rounding ? 0.0f : acc[c];
        if (v > had || (first + c < m && rows[first + c] < 0)) v = had;
        if (i < n && first + c < m) near[(long long)(first + c) * n + i] = v;
        double sum = warp_sum(i < n ? (double)v : 0.0);
        if (lane == 0) part[warp][c] = sum;
    }
    __syncthreads();
    int c = threadIdx.x;
    if (c < kCandidates && first + c < m)
        sums[(long long)(first + c) * tiles + blockIdx.x] = (part[0][c] + part[1][c]) + (part[2][c] + part[3][c]);
}

// y_i = x_row[i], for rows of d columns, NaN where row[i] is -1. One warp a row.
KERNEL(cluster_gather, float *y, const float *x, const int *row, int n, int d) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (long long i = blockIdx.x * (long long)warps + threadIdx.x / 32; i < n; i += (long long)gridDim.x * warps) {
        const float *from = x + (long long)row[i] * d;
        for (int p = lane; p < d; p += 32) y[i * d + p] = row[i] < 0 ? NAN : from[p];
    }
}
