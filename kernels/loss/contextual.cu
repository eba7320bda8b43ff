// The contextual similarity of rows, step by step: each step reads what all rows have left in the one before, and a block has one row.
#include "../include/reduce.cuh"

namespace loss::contextual {

// Place is a row in the order of nearness to another: rows of the same image first, then by similarity, then by number.
struct Place {
    int other, j;  // other is 0 for a row of the same image
    float s;

    __device__ __forceinline__ bool before(const Place &q) const {
        if (other != q.other) return other < q.other;
        if (s != q.s) return s > q.s;
        return j < q.j;
    }
};

__device__ __forceinline__ bool has(const int *list, int k, int i) {
    for (int a = 0; a < k; a++)
        if (list[a] == i) return true;
    return false;
}

}  // namespace loss::contextual

// Each pass finds the first row behind that of the pass before, so that no row is marked. The best of the threads meet in shared memory, in
// halves.
KERNEL_BOUNDS(256, 2, loss_contextual_near, int *near, const float *s, const int *sample, int n, int k) {
    using loss::contextual::Place;
    __shared__ Place best[256];
    int i = blockIdx.x, own = sample[i];
    s += static_cast<long long>(i) * n;
    Place last = {0, -1, INFINITY};
    for (int a = 0; a < k; a++) {
        Place mine = {1, n, -INFINITY};
        for (int j = threadIdx.x; j < n; j += blockDim.x) {
            bool same = sample[j] == own;
            float v = same ? 0.0f : s[j];
            Place p = {same ? 0 : 1, j, v == v ? v : -INFINITY};
            if (last.before(p) && p.before(mine)) mine = p;
        }
        best[threadIdx.x] = mine;
        __syncthreads();
        for (unsigned step = blockDim.x / 2, at = threadIdx.x; step > 0; step /= 2) {
            if (at < step && best[at + step].before(best[at])) best[at] = best[at + step];
            __syncthreads();
        }
        last = best[0];
        __syncthreads();
        if (threadIdx.x == 0) near[static_cast<long long>(i) * k + a] = last.j;
    }
}

KERNEL_BOUNDS(256, 2, loss_contextual_mutual, int *mutual, const int *near, int k) {
    long long row = static_cast<long long>(blockIdx.x) * k;
    for (int a = threadIdx.x; a < k; a += blockDim.x) {
        int j = near[row + a];
        mutual[row + a] = loss::contextual::has(near + static_cast<long long>(j) * k, k, blockIdx.x) ? j : -1;
    }
}

KERNEL_BOUNDS(256, 2, loss_contextual_share, double *shared, const int *mutual, int k) {
    const int *own = mutual + static_cast<long long>(blockIdx.x) * k;
    for (int a = threadIdx.x; a < k; a += blockDim.x) {
        int j = own[a], count = 0, common = 0;
        for (int b = 0; b < k; b++) {
            count += own[b] >= 0;
            common += j >= 0 && own[b] >= 0 && loss::contextual::has(mutual + static_cast<long long>(j) * k, k, own[b]);
        }
        shared[static_cast<long long>(blockIdx.x) * k + a] = static_cast<double>(common) / (count > 0 ? count : 1);
    }
}

// Each thread adds up its own columns, in the order of the neighbours.
KERNEL_BOUNDS(256, 2, loss_contextual_expand, double *expanded, const int *near, const int *mutual, const double *shared, int n, int k,
              int half) {
    near += static_cast<long long>(blockIdx.x) * k;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
        double sum = 0;
        for (int h = 0; h < half; h++) {
            long long row = static_cast<long long>(near[h]) * k;
            for (int a = 0; a < k; a++)
                if (mutual[row + a] == j) sum += shared[row + a];
        }
        expanded[static_cast<long long>(blockIdx.x) * n + j] = sum / half;
    }
}

KERNEL_BOUNDS(256, 2, loss_contextual_mix, float *w, const float *s, const double *expanded, int n, double sigma) {
    long long i = blockIdx.x;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
        double square = 2 - 2.0 * s[i * n + j];
        if (square < 0) square = 0;
        double mutual = (expanded[i * n + j] + expanded[static_cast<long long>(j) * n + i]) / 2;
        w[i * n + j] = static_cast<float>((exp(-square / sigma) + mutual) / 2);
    }
}
