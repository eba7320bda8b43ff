// The figures of a step. Two launches, because a batch has more rows than one block reads quickly: a warp for each image
// finds its cosine and its label, then one block adds the cosines, in their order, and writes the row.
#include "../include/argmax.cuh"
#include "../include/kernel.cuh"

// cosine[i] = f_i . g_i over both lengths; labels[argmax of row i of logits] += 1 unless logits are null or skip is
// set. Integer atomics: the order does not matter. Sums over a row are in float: 128 products of numbers below 1.
KERNEL(record_images, double *cosine, int *labels, const int *skip, const float *f, const float *g, const float *logits, int images,
       int d, int k) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    bool counts = logits && skip[0] == 0;
    for (long long i = blockIdx.x * (long long)warps + threadIdx.x / 32; i < images; i += (long long)gridDim.x * warps) {
        const float *u = f + i * d, *v = g + i * d;
        float uv = 0, uu = 0, vv = 0;
        for (int p = lane; p < d; p += 32) {
            float a = u[p], b = v[p];
            uv += a * b, uu += a * a, vv += b * b;
        }
        uv = warp_sum(uv), uu = warp_sum(uu), vv = warp_sum(vv);
        int label = counts ? warp_argmax(logits + i * k, k) : 0;
        if (lane > 0) continue;
        double length = sqrt((double)uu * (double)vv);
        cosine[i] = (double)uv / (length < 1e-12 ? 1e-12 : length);
        if (counts) {
            float first = logits[i * k];
            atomicAdd(&labels[first == first ? label : 0], 1);
        }
    }
}

// Row *at of rows = {skip, n scalars, mean cosine, slots with members}; count may be null. *at is read on the device: a captured launch
// writes the row of its step.
KERNEL_BOUNDS(256, 1, record_row, float *rows, const int *at, const int *skip, const double *cosine, int images, const int *count,
              int slots, int n, const float *s0, const float *s1, const float *s2, const float *s3, const float *s4, const float *s5,
              const float *s6, const float *s7) {
    double sum = 0;
    int live = 0;
    for (int i = threadIdx.x; i < images; i += blockDim.x) sum += cosine[i];
    for (int j = threadIdx.x; j < slots; j += blockDim.x) live += count[j] > 0;
    sum = block_sum(sum);
    live = block_sum(live);
    if (threadIdx.x > 0) return;
    float *row = rows + *at * (long long)(n + 3);
    row[0] = skip[0] != 0 ? 1.0f : 0.0f;
    if (n > 0) row[1] = *s0;
    if (n > 1) row[2] = *s1;
    if (n > 2) row[3] = *s2;
    if (n > 3) row[4] = *s3;
    if (n > 4) row[5] = *s4;
    if (n > 5) row[6] = *s5;
    if (n > 6) row[7] = *s6;
    if (n > 7) row[8] = *s7;
    row[n + 1] = (float)(sum / (images > 0 ? images : 1));
    row[n + 2] = (float)live;
}
