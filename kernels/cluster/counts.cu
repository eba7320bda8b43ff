// Member counts as floats. A few dozen numbers: the launch is the cost.
#include "../include/kernel.cuh"

// w = count
KERNEL(cluster_counts, float *w, const int *count, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) w[i] = (float)count[i];
}
