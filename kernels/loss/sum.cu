// The last step of the losses: partial sums that the blocks of a kernel left become the loss. One block, in a fixed
// tree, in double: the sum of thousands of terms must not lose digits that float32 training can use.
#include "../include/reduce.cuh"

// loss[0] = factor sum of the n parts
KERNEL_BOUNDS(256, 1, loss_sum, float *loss, const double *parts, long long n, double factor) {
    double sum = 0;
    for (long long i = threadIdx.x; i < n; i += blockDim.x) sum += parts[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) loss[0] = static_cast<float>(factor * sum);
}
