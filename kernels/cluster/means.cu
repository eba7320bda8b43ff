// Means over the members of each slot, and their gradient. Reading the rows is the cost: each element is read once, by the
// thread that owns its column in its slot's mean. The rows of a slot are added in order, in float, as on the CPU: one
// rounding a row, the same bits.
#include "../include/kernel.cuh"
#include "../include/scan.cuh"

namespace cluster {

constexpr int kList = 2048;  // members listed at a time: 8 KiB of shared memory

// members lists the rows of [base, end) that are in slot j, in order, and returns their number.
__device__ int members(int *list, const int *slot, int base, int end, int j) {
    int found = 0;
    for (int at = base; at < end; at += blockDim.x) {
        int i = at + threadIdx.x, all;
        int is = i < end && slot[i] == j;
        int before = block_scan(is, all);
        if (is) list[found + before] = i;
        found += all;
    }
    __syncthreads();
    return found;
}

__device__ __forceinline__ void add(float &s, float v) { s += v; }
__device__ __forceinline__ void add(float4 &s, float4 v) { s.x += v.x, s.y += v.y, s.z += v.z, s.w += v.w; }
__device__ __forceinline__ void divide(float &s, float n) { s /= n; }
__device__ __forceinline__ void divide(float4 &s, float n) { s.x /= n, s.y /= n, s.z /= n, s.w /= n; }
__device__ __forceinline__ void scale(float &y, float a, float x) { y = a * x; }
__device__ __forceinline__ void scale(float4 &y, float a, float4 x) { y = make_float4(a * x.x, a * x.y, a * x.z, a * x.w); }

// means is r[slot, column] for slot blockIdx.y and one column of T a thread.
template <typename T>
__device__ __forceinline__ void means(T *r, const T *x, const int *slot, const int *count, int n, long long columns) {
    __shared__ int list[kList];
    int j = blockIdx.y;
    long long column = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    T sum = {};
    for (int base = 0; base < n; base += kList) {
        int found = members(list, slot, base, min(base + kList, n), j);
        if (column < columns) {
#pragma unroll 4
            for (int m = 0; m < found; ++m) add(sum, x[list[m] * columns + column]);
        }
        __syncthreads();  // before the list is overwritten
    }
    if (column >= columns) return;
    if (count[j] > 0) divide(sum, (float)count[j]);
    r[j * columns + column] = sum;
}

// backward is dx_i = dr_slot(i) / count_slot(i): rows along y, columns of T along x.
template <typename T>
__device__ __forceinline__ void means_backward(T *dx, const T *dr, const int *slot, const int *count, int n, int slots,
                                               long long columns, int accumulate) {
    long long column = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (column >= columns) return;
    for (int i = blockIdx.y; i < n; i += gridDim.y) {
        int j = slot[i];
        if ((unsigned)j >= (unsigned)slots) continue;
        T g, *to = dx + i * columns + column;
        scale(g, 1.0f / (float)count[j], dr[j * columns + column]);
        if (accumulate) add(g, *to);
        *to = g;
    }
}

}  // namespace cluster

KERNEL_BOUNDS(128, 4, cluster_means, float *r, const float *x, const int *slot, const int *count, int n, long long columns) {
    cluster::means(r, x, slot, count, n, columns);
}

// Four columns a thread, for rows that are whole float4s at 16 bytes.
KERNEL_BOUNDS(128, 4, cluster_means4, float4 *r, const float4 *x, const int *slot, const int *count, int n, long long columns) {
    cluster::means(r, x, slot, count, n, columns);
}

KERNEL(cluster_means_backward, float *dx, const float *dr, const int *slot, const int *count, int n, int slots,
       long long columns, int accumulate) {
    cluster::means_backward(dx, dr, slot, count, n, slots, columns, accumulate);
}

KERNEL(cluster_means_backward4, float4 *dx, const float4 *dr, const int *slot, const int *count, int n, int slots,
       long long columns, int accumulate) {
    cluster::means_backward(dx, dr, slot, count, n, slots, columns, accumulate);
}
