// Pseudo labels of a batch: the largest logit of each first view, and slots in ascending order of label. Batches are small:
// one block sorts the labels in shared memory, and the launches are the whole cost. More labels than every GPU has shared memory for
// are sorted by one block in global memory.
#include "../include/argmax.cuh"
#include "../include/kernel.cuh"
#include "../include/scan.cuh"

// label[i] = argmax of row i of logits. One warp a row.
KERNEL(cluster_argmax, int *label, const float *logits, int images, int k) {
    int warps = blockDim.x / 32;
    for (long long i = blockIdx.x * (long long)warps + threadIdx.x / 32; i < images; i += (long long)gridDim.x * warps) {
        int at = warp_argmax(logits + i * k, k);
        if (threadIdx.x % 32 == 0) label[i] = at;
    }
}

namespace cluster {

// sort is a bitonic sort of `size` numbers, a power of two, in memory of the block: a fixed network, without any thread waiting
// for the values of another but at the barriers.
__device__ __forceinline__ void sort(int *v, int size) {
    for (int run = 2; run <= size; run *= 2) {
        for (int gap = run / 2; gap > 0; gap /= 2) {
            __syncthreads();
            for (int t = threadIdx.x; t < size / 2; t += blockDim.x) {
                int low = t / gap * 2 * gap + t % gap, high = low + gap;
                int a = v[low], b = v[high];
                if ((a > b) == ((low & run) == 0)) v[low] = b, v[high] = a;
            }
        }
    }
    __syncthreads();
}

// lower is the first i with v[i] >= x, of n numbers in order.
__device__ __forceinline__ int lower(const int *v, int n, int x) {
    int lo = 0;
    for (int hi = n; lo < hi;) {
        int mid = (lo + hi) / 2;
        if (v[mid] < x) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

// heads compacts the places where a new number begins: head[s] for the s-th, and n after the last. It returns how many.
__device__ __forceinline__ int heads(int *head, const int *v, int n) {
    int found = 0;
    for (int base = 0; base < n; base += blockDim.x) {
        int i = base + threadIdx.x, all;
        int is = i < n && (i == 0 || v[i] != v[i - 1]);
        int before = block_scan(is, all);
        if (is) head[found + before] = i;
        found += all;
    }
    if (threadIdx.x == 0) head[found] = n;
    __syncthreads();
    return found;
}

// slots_of is both kernels, with the labels sorted in `sorted`, of 2 size + 1 ints.
__device__ __forceinline__ void slots_of(int *slot, int *count, const int *label, int images, int slots, int size, int *sorted) {
    int *head = sorted + size;
    for (int i = threadIdx.x; i < size; i += blockDim.x) sorted[i] = i < images ? label[i] : 0x7fffffff;
    cluster::sort(sorted, size);
    int found = cluster::heads(head, sorted, images);
    for (int s = threadIdx.x; s < slots; s += blockDim.x) count[s] = s < found ? 2 * (head[s + 1] - head[s]) : 0;
    for (int i = threadIdx.x; i < images; i += blockDim.x) {
        // The slot of a label is the number of heads before its first place.
        int s = cluster::lower(head, found, cluster::lower(sorted, images, label[i]));
        slot[i] = slot[images + i] = s;
    }
}

}  // namespace cluster

// slot[i] = slot[images+i] = rank of label[i] among the different labels; count[s] = rows of slot s, both views; 0 from there
// on. size is a power of two, at least images; shared memory holds 2 size + 1 ints.
KERNEL_BOUNDS(1024, 1, cluster_slots, int *slot, int *count, const int *label, int images, int slots, int size) {
    SHARED(int, sorted);
    cluster::slots_of(slot, count, label, images, slots, size, sorted);
}

// cluster_slots with room for 2 size + 1 ints in global memory.
KERNEL_BOUNDS(1024, 1, cluster_slots_large, int *slot, int *count, const int *label, int images, int slots, int size, int *room) {
    cluster::slots_of(slot, count, label, images, slots, size, room);
}
