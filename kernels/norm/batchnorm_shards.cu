// What shards of a batch add to batch norm: the union of their moments, and coefficients from sums over all of them. A thread a channel:
// these arrays are a few numbers for each channel.
#include "../include/kernel.cuh"
#include "batchnorm.cuh"

// Joins the moments m [shards,2,channels] of up to 16 shards of r0, r1, ... rows, one by one in their order, to those of the `before`
// rows in so [2,channels]. mean and inv get the statistics; where mean is null, more shards follow, and so gets the moments. so may be
// null where there are neither rows before nor more shards.
KERNEL(norm_batch_shards, float *mean, float *inv, double *so, const double *m, double before, int shards, int channels, double eps,
       int r0, int r1, int r2, int r3, int r4, int r5, int r6, int r7, int r8, int r9, int r10, int r11, int r12, int r13, int r14,
       int r15) {
    const int rows[16] = {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15};
    for (int c = blockIdx.x * blockDim.x + threadIdx.x; c < channels; c += gridDim.x * blockDim.x) {
        double n = before, at = 0, squares = 0;
        if (n > 0) at = so[c], squares = so[channels + c];
#pragma unroll
        for (int i = 0; i < 16; i++) {
            if (i >= shards || rows[i] == 0) continue;
            double its = m[2LL * channels * i + c], own = m[2LL * channels * i + channels + c];
            if (n == 0) {  // taken as they are: d^2 0 is NaN where d^2 overflows
                n = rows[i], at = its, squares = own;
                continue;
            }
            double all = n + rows[i], d = its - at, part = rows[i] / all;
            at += d * part;
            squares += own + d * d * (n * part);
            n = all;
        }
        if (mean) batchnorm::statistics(mean, inv, c, at, squares / (n == 0 ? 1 : n), eps);
        else so[c] = at, so[channels + c] = squares;
    }
}

// The coefficients of input_gradient, from the sums of dy and of dy xhat over all rows.
KERNEL(norm_gradient_coefficients, float *coef, const double *total, const float *gamma, const float *inv, double rows, int channels) {
    for (int c = blockIdx.x * blockDim.x + threadIdx.x; c < channels; c += gridDim.x * blockDim.x) {
        batchnorm::coefficients(coef, channels, c, gamma[c], inv[c], rows, total[c], total[channels + c]);
    }
}
