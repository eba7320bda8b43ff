// A stable counting sort of rows by label: the order in which sums over clusters are taken, so that they are the same
// bits in every run.
//
// Rows are cut into chunks, one warp each, and a table [K, chunks] counts the labels of each chunk: a warp then knows where
// its rows go without data from another. A label's counts lie side by side, so that its scan reads whole cache lines.
// Integer atomics only count, and sums of integers do not depend on the order.
#include "../include/kernel.cuh"
#include "../include/scan.cuh"

namespace cluster {

// peers are the lanes of the warp that hold the same label as this one, by one vote a bit of the label; 0 for a row of no
// cluster.
__device__ __forceinline__ unsigned peers(int label, bool valid, int bits) {
    unsigned same = __ballot_sync(kWholeWarp, valid);
    for (int b = 0; b < bits; ++b) {
        bool set = label >> b & 1;
        unsigned vote = __ballot_sync(kWholeWarp, set);
        same &= set ? vote : ~vote;
    }
    return valid ? same : 0;
}

}  // namespace cluster

// table[l, chunk] += rows of label l in the chunk. The table starts as zeros.
KERNEL(cluster_group_count, int *table, const int *label, int n, int k, int rows, int chunks) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        int l = label[i];
        if ((unsigned)l < (unsigned)k) atomicAdd(&table[(long long)l * chunks + i / rows], 1);
    }
}

// Counts become the number of rows of the label in earlier chunks; count is that in all. One warp a label.
KERNEL_BOUNDS(256, 1, cluster_group_scan, int *count, int *table, int k, int chunks) {
    int lane = threadIdx.x % 32;
    for (long long l = (blockIdx.x * (long long)blockDim.x + threadIdx.x) / 32; l < k; l += gridDim.x * (blockDim.x / 32)) {
        int *row = table + l * chunks;
        int sum = 0;
        for (int at = lane; at - lane < chunks; at += 32) {
            int here = at < chunks ? row[at] : 0;
            int up = warp_scan(here);
            if (at < chunks) row[at] = sum + up - here;
            sum += __shfl_sync(kWholeWarp, up, 31);
        }
        if (lane == 0) count[l] = sum;
    }
}

// start[j] is where cluster j begins in the order, piece[j] the number of pieces of `per` rows before it; both have K+1
// elements. One block: the counts are few, and a scan over blocks would cost more launches than it saves.
KERNEL_BOUNDS(1024, 1, cluster_group_starts, int *start, int *piece, const int *count, int k, int per) {
    int rows = 0, pieces = 0;
    for (int base = 0; base < k; base += blockDim.x) {
        int j = base + threadIdx.x, allRows, allPieces;
        int n = j < k ? count[j] : 0;
        int before = block_scan(n, allRows);
        int piecesBefore = block_scan((n + per - 1) / per, allPieces);
        if (j < k) {
            start[j] = rows + before;
            piece[j] = pieces + piecesBefore;
        }
        rows += allRows;
        pieces += allPieces;
    }
    if (threadIdx.x == 0) {
        start[k] = rows;
        piece[k] = pieces;
    }
}

// order gets the rows, cluster by cluster, each in their own order. One warp a chunk, 32 rows at a time: the first lane of
// each label takes the places for all.
KERNEL_BOUNDS(128, 1, cluster_group_place, int *order, int *table, const int *start, const int *label, int n, int k,
              int rows, int chunks, int bits) {
    int lane = threadIdx.x % 32, chunk = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
    if (chunk >= chunks) return;
    long long end = min((chunk + 1LL) * rows, (long long)n);
    for (long long at = (long long)chunk * rows; at < end; at += 32) {
        int l = at + lane < end ? label[at + lane] : -1;
        bool valid = (unsigned)l < (unsigned)k;
        unsigned same = cluster::peers(l, valid, bits);
        int leader = valid ? __ffs(same) - 1 : lane;
        int *place = table + (long long)l * chunks + chunk;
        int first = valid && lane == leader ? *place : 0;
        first = __shfl_sync(kWholeWarp, first, leader);
        if (valid) order[start[l] + first + __popc(same & ((1u << lane) - 1))] = (int)(at + lane);
        if (valid && lane == leader) *place = first + __popc(same);
        __syncwarp();  // the next 32 rows' leader may be another lane
    }
}
