// The tensor-core wrappers as a kernel uses them: tiles by asynchronous copies, fragments by ldmatrix, then the products.
#include "mma.cuh"

// d [16,8] = a [16,16] b [16,8], 16-bit; a by rows, b by rows too, so that its fragments need ldmatrix's transpose.
template <bool half>
__device__ void multiply_tile(float *d, const uint16_t *a, const uint16_t *b) {
    __shared__ __align__(16) uint16_t left[16 * 16];
    __shared__ __align__(16) uint16_t right[16 * 8];
    int lane = threadIdx.x;
    cp_async16(left + lane * 8, a + lane * 8, true);
    if (lane < 16) cp_async16(right + lane * 8, b + lane * 8, true);
    cp_async_commit();
    cp_async_wait<0>();
    __syncthreads();
    uint32_t fa[4], fb[2];
    float sum[4] = {};
    ldmatrix_x4(fa, left + lane % 16 * 16 + lane / 16 * 8);
    ldmatrix_x2_trans(fb, right + lane % 16 * 8);
    if (half) mma_f16(sum, fa, fb);
    else mma_bf16(sum, fa, fb);
    for (int i = 0; i < 4; i++) d[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sum[i];
}

KERNEL(right_mma_f16, float *d, const uint16_t *a, const uint16_t *b) { multiply_tile<true>(d, a, b); }
KERNEL(right_mma_bf16, float *d, const uint16_t *a, const uint16_t *b) { multiply_tile<false>(d, a, b); }

// d [16,8] = a [16,8] b [8,8] in tf32.
KERNEL(right_mma_tf32, float *d, const float *a, const float *b) {
    int group = threadIdx.x / 4, place = threadIdx.x % 4;
    uint32_t fa[4], fb[2];
    float sum[4] = {};
    for (int i = 0; i < 4; i++) fa[i] = tf32_from(a[(group + i % 2 * 8) * 8 + place + i / 2 * 4]);
    for (int i = 0; i < 2; i++) fb[i] = tf32_from(b[(place + i * 4) * 8 + group]);
    mma_tf32(sum, fa, fb);
    for (int i = 0; i < 4; i++) d[(group + i / 2 * 8) * 8 + place * 2 + i % 2] = sum[i];
}

// ldmatrix against its definition: y [2][4][32] are the registers of the plain and the transposed load of x [32,8].
KERNEL(right_ldmatrix, uint32_t *y, const uint16_t *x) {
    SHARED(uint16_t, tile);
    int lane = threadIdx.x;
    for (int i = 0; i < 8; i++) tile[i * 32 + lane] = x[i * 32 + lane];
    __syncthreads();
    uint32_t r[4], t[4];
    ldmatrix_x4(r, tile + lane * 8);
    ldmatrix_x4_trans(t, tile + lane * 8);
    for (int i = 0; i < 4; i++) y[i * 32 + lane] = r[i], y[128 + i * 32 + lane] = t[i];
    ldmatrix_x2(r, tile + lane % 16 * 8);
    for (int i = 0; i < 2; i++) y[256 + i * 32 + lane] = r[i];
}

// Two groups in flight; the older is used while the newer still arrives. Elements past n must read as zero.
KERNEL(right_pipeline, float *y, const float *x, int n) {
    __shared__ __align__(16) float stage[2][128];
    int lane = threadIdx.x, steps = (n + 127) / 128;
    float sum = 0;
    for (int i = 0; i <= steps; i++) {
        int at = i * 128 + lane * 4;
        if (i < steps) cp_async16(stage[i % 2] + lane * 4, at < n ? x + at : x, at < n);
        cp_async_commit();
        if (i == 0) continue;
        cp_async_wait<1>();
        __syncwarp();
        for (int j = 0; j < 4; j++) sum += stage[(i - 1) % 2][j * 32 + lane];
        __syncwarp();
    }
    cp_async4(stage[0] + lane, x + lane, lane % 2 == 0);
    cp_async_commit();
    cp_async_wait<0>();
    y[lane] = sum;
    y[32 + lane] = stage[0][lane];
}

KERNEL(right_conversions, uint16_t *half, uint16_t *brain, uint32_t *tf32, float *wide, const float *x, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    half[i] = f16_from(x[i]);
    brain[i] = bf16_from(x[i]);
    tf32[i] = tf32_from(x[i]);
    wide[2 * i] = f16_to(half[i]);
    wide[2 * i + 1] = bf16_to(brain[i]);
}
