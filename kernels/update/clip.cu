// Clipping of gradients to a length. Three launches, for the length must be known before the first gradient is scaled: a sum for
// each chunk, one block that adds them and finds the factor, and the scaling, which reads nothing but the factor where it is 1,
// as in nearly every step of a healthy run.
#include "../include/reduce.cuh"
#include "chunk.cuh"

// part[chunk] = sum of the squares of the chunk's gradients. In double: the sum of millions of squares in float would lose
// digits, a large gradient's square would overflow, and the addition hides behind the reading.
KERNEL_BOUNDS(256, 4, update_squares_list, double *part, const update::Chunk *table) {
    update::Chunk c = table[blockIdx.x];
    double sum = 0;
    for (int i = threadIdx.x; i < c.n; i += blockDim.x) sum += (double)c.g[i] * (double)c.g[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) part[blockIdx.x] = sum;
}

// norm = {root of the sum of n parts, factor that shortens it to most}. One block, whose threads add in a fixed order. A norm of
// NaN fails the second comparison, an infinite one the first: the factor is then 1.
KERNEL_BOUNDS(1024, 1, update_clip_factor, float *norm, const double *part, int n, double most, double eps) {
    double sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) sum += part[i];
    sum = block_sum(sum);
    if (threadIdx.x > 0) return;
    double length = sqrt(sum);
    norm[0] = (float)length;
    norm[1] = !isinf(length) && length + eps > most ? (float)(most / (length + eps)) : 1.0f;
}

// g *= norm[1], a chunk a block.
KERNEL_BOUNDS(256, 4, update_scale_list, const update::Chunk *table, const float *norm) {
    float factor = norm[1];
    if (factor == 1.0f) return;
    update::Chunk c = table[blockIdx.x];
    float *g = const_cast<float *>(c.g);
    for (int i = threadIdx.x; i < c.n; i += blockDim.x) g[i] *= factor;
}
