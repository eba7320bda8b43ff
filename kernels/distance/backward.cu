// The matrix by which the rows of x are multiplied in the gradient of their squared distances. A block has one row; it reads a column of g
// too, in strides: g is small beside what the product with x reads.
#include "../include/reduce.cuh"

KERNEL_BOUNDS(256, 4, distance_laplacian, float *a, const float *g, int n) {
    int i = blockIdx.x;
    double sum = 0;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
        if (j == i) continue;
        double v = 2 * (static_cast<double>(g[static_cast<long long>(i) * n + j]) + g[static_cast<long long>(j) * n + i]);
        sum += v;
        a[static_cast<long long>(i) * n + j] = static_cast<float>(-v);
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) a[static_cast<long long>(i) * n + i] = static_cast<float>(sum);
}

// y [len] = x less the first of its rows of d.
KERNEL(distance_from_first, float *y, const float *x, long long len, int d) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < len; i += (long long)gridDim.x * blockDim.x) {
        y[i] = x[i] - x[i % d];
    }
}
