// Rows of a memory bank move towards the embeddings of a batch. A block has one image, whose views follow one another.
#include "../include/reduce.cuh"

// bank [m,d], f [views gridDim.x,d], sample [views gridDim.x]; nothing changes where *skip is not 0.
KERNEL_BOUNDS(128, 2, loss_memory, float *bank, const float *f, const int *sample, const int *skip, int m, int d, int views, double keep) {
    int at = sample[blockIdx.x];
    if (*skip != 0 || at < 0 || at >= m) return;
    float *v = bank + static_cast<long long>(at) * d;
    for (int view = 0; view < views; view++) {
        const float *row = f + (static_cast<long long>(view) * gridDim.x + blockIdx.x) * d;
        double sum = 0;
        for (int e = threadIdx.x; e < d; e += blockDim.x) {
            double x = keep * v[e] + (1 - keep) * row[e];
            sum += x * x;
        }
        double length = sqrt(block_sum(sum));
        if (length < 1e-12) length = 1e-12;
        // Each thread writes the elements that it alone reads.
        for (int e = threadIdx.x; e < d; e += blockDim.x) v[e] = static_cast<float>((keep * v[e] + (1 - keep) * row[e]) / length);
    }
}
