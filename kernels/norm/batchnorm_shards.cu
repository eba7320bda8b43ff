// What shards of a batch add to batch norm: the union of their moments, and coefficients from sums over all of them. A thread a channel:
// these arrays are a few numbers for each channel.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"
#include "batchnorm.cuh"

namespace {

// rows_of is what the images from first on count, `per` rows each.
__device__ __forceinline__ double rows_of(const float *weight, int first, int images, double per) {
    if (!weight) return images * per;
    double sum = 0;
    for (int i = 0; i < images; i++) sum += weight[first + i];
    return sum * per;
}

}  // namespace

// Joins the moments m [shards,2,channels] of up to 16 shards of r0, r1, ... images, one by one in their order, to those of the `before`
// images in so [2,channels]. An image has `per` rows, which count as often as its weight, or once where weight is null. mean and inv get
// the statistics; where mean is null, more shards follow, and so gets the moments. so may be null where there are neither images before
// nor more shards. Each thread adds the weights for itself: they are as few as the images, and the sums of member counts are exact.
KERNEL(norm_batch_shards, float *mean, float *inv, double *so, const double *m, const float *weight, double per, int before, int shards,
       int channels, double eps, int r0, int r1, int r2, int r3, int r4, int r5, int r6, int r7, int r8, int r9, int r10, int r11,
       int r12, int r13, int r14, int r15) {
    const int images[16] = {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15};
    for (int c = blockIdx.x * blockDim.x + threadIdx.x; c < channels; c += gridDim.x * blockDim.x) {
        double n = rows_of(weight, 0, before, per), at = 0, squares = 0;
        int image = before;
        if (n > 0) at = so[c], squares = so[channels + c];
#pragma unroll
        for (int i = 0; i < 16; i++) {
            if (i >= shards) continue;
            double rows = rows_of(weight, image, images[i], per);
            image += images[i];
            if (rows == 0) continue;
            double its = m[2LL * channels * i + c], own = m[2LL * channels * i + channels + c];
            if (n == 0) {  // taken as they are: d^2 0 is NaN where d^2 overflows
                n = rows, at = its, squares = own;
                continue;
            }
            double all = n + rows, d = its - at, part = rows / all;
            at += d * part;
            squares += own + d * d * (n * part);
            n = all;
        }
        if (mean) batchnorm::statistics(mean, inv, c, at, squares / (n == 0 ? 1 : n), eps);
        else so[c] = at, so[channels + c] = squares;
    }
}

// The coefficients of input_gradient, from the sums of dy and of dy xhat over all rows: `rows` of each image that has a weight, or in all
// where weight is null. Each block adds the images' weights for itself.
KERNEL(norm_gradient_coefficients, float *coef, const double *total, const float *gamma, const float *inv, const float *weight,
       int images, double rows, int channels) {
    if (weight) {
        double sum = 0;
        for (int i = threadIdx.x; i < images; i += blockDim.x) sum += weight[i];
        rows *= block_sum(sum);
        if (rows == 0) rows = 1;
    }
    for (int c = blockIdx.x * blockDim.x + threadIdx.x; c < channels; c += gridDim.x * blockDim.x) {
        batchnorm::coefficients(coef, channels, c, gamma[c], inv[c], rows, total[c], total[channels + c]);
    }
}
