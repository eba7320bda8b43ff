// The parts of Lloyd's algorithm other than assignment and centroids: shifting the rows, comparing labels, inertia, and empty
// clusters. All are bound by memory; sums are kept in double and added in an order that the sizes alone fix.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"

// y = x + sign mean, row by row of d columns. A thread keeps its column as it steps, because a division costs more than the sum.
KERNEL(cluster_shift, float *y, const float *x, const double *mean, double sign, long long n, int d) {
    long long step = (long long)gridDim.x * blockDim.x, i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    int column = (int)(i % d), skip = (int)(step % d);
    for (; i < n; i += step) {
        y[i] = (float)(x[i] + sign * mean[column]);
        column += skip;
        if (column >= d) column -= d;
    }
}

// start = {0, n} and piece = {0, ceil(n / per)}: all rows as one cluster.
KERNEL(cluster_whole, int *start, int *piece, int *count, int n, int per) {
    start[0] = piece[0] = 0;
    start[1] = count[0] = n;
    piece[1] = (n + per - 1) / per;
}

// changed[0] = 1 where any label differs.
KERNEL_BOUNDS(256, 4, cluster_differ, int *changed, const int *a, const int *b, int n) {
    bool differ = false;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        differ |= a[i] != b[i];
    }
    if (__syncthreads_or(differ) && threadIdx.x == 0) atomicOr(changed, 1);
}

// status = {sum of moved, changed[0], number of empty clusters}, and changed[0] = 0 for the next time: the host
// reads all figures of an iteration at once. One block.
KERNEL_BOUNDS(1024, 1, cluster_status, double *status, int *changed, const double *moved, long long parts, const int *count,
              int k) {
    double sum = 0;
    int empty = 0;
    for (long long i = threadIdx.x; i < parts; i += blockDim.x) sum += moved[i];
    for (int j = threadIdx.x; j < k; j += blockDim.x) empty += count[j] == 0;
    sum = block_sum(sum);
    empty = block_sum(empty);
    if (threadIdx.x > 0) return;
    status[0] = sum;
    status[1] = changed[0];
    status[2] = empty;
    changed[0] = 0;
}

// part[block] = sum over its rows of |x_i - c_label(i)|^2, or of |x_i|^2 without centroids. One warp a row: its lanes read
// neighbours. A row's sum is in float, as its differences are; sums of rows are in double.
KERNEL_BOUNDS(256, 4, cluster_inertia, double *part, const float *x, const float *c, const int *label, int n, int d) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    double total = 0;
    for (long long i = blockIdx.x * (long long)warps + threadIdx.x / 32; i < n; i += (long long)gridDim.x * warps) {
        int l = c ? label[i] : 0;
        if (l < 0) continue;
        float sum = 0;
        for (int p = lane; p < d; p += 32) {
            float diff = x[i * d + p] - (c ? c[(long long)l * d + p] : 0.0f);
            sum += diff * diff;
        }
        total += sum;
    }
    total = block_sum(total);
    if (threadIdx.x == 0) part[blockIdx.x] = total;
}

// same[i] = factor |x_i|^2, for rows of d columns. One warp a row.
KERNEL(cluster_same, float *same, const float *x, double factor, int n, int d) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (long long i = blockIdx.x * (long long)warps + threadIdx.x / 32; i < n; i += (long long)gridDim.x * warps) {
        float sum = 0;
        for (int p = lane; p < d; p += 32) sum += x[i * d + p] * x[i * d + p];
        sum = warp_sum(sum);
        if (lane == 0) same[i] = (float)(factor * sum);
    }
}

// out[0] = sum of the parts.
KERNEL_BOUNDS(1024, 1, cluster_total, double *out, const double *part, int n) {
    double sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) sum += part[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) out[0] = sum;
}

// best[block] is the block's row with the largest finite distance above same[row], which is rounding, among clusters of
// several rows, the first of equals, 0 for none. Distance and row are one number, because the bits of a positive float are ordered as the
// float is.
KERNEL_BOUNDS(256, 4, cluster_furthest, unsigned long long *best, const float *dist, const float *same,
              const int *label, const int *count, int n) {
    unsigned long long mine = 0;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        float v = dist[i];
        if (!(v > 0 && v > same[i] && v < INFINITY) || label[i] < 0 || count[label[i]] < 2) continue;
        unsigned long long key = (unsigned long long)__float_as_uint(v) << 32 | (0xffffffffu - (unsigned)i);
        if (key > mine) mine = key;
    }
    mine = block_reduce(mine, Max(), 0ull);
    if (threadIdx.x == 0) best[blockIdx.x] = mine;
}

// The furthest row of all blocks goes to the first empty cluster, if there are both. One block.
KERNEL_BOUNDS(1024, 1, cluster_refill, int *label, float *dist, int *count, const unsigned long long *best, int blocks, int k) {
    unsigned long long mine = 0;
    int empty = k;
    for (int b = threadIdx.x; b < blocks; b += blockDim.x) mine = Max()(mine, best[b]);
    for (int j = threadIdx.x; j < k; j += blockDim.x)
        if (count[j] == 0 && j < empty) empty = j;
    mine = block_reduce(mine, Max(), 0ull);
    empty = block_reduce(empty, Min(), k);
    if (threadIdx.x > 0 || mine == 0 || empty == k) return;
    unsigned row = 0xffffffffu - (unsigned)mine;
    count[label[row]] -= 1;
    count[empty] = 1;
    label[row] = empty;
    dist[row] = 0;
}
