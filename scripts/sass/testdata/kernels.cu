// Kernels for the tests of scripts/sass, most of them wrong on purpose. testdata/make.sh compiles them and stores the disassembly.
#include <stdint.h>
#define TEST extern "C" __global__ void

__device__ __forceinline__ void multiply(float (&d)[4], uint32_t a, uint32_t b) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%4,%4,%4}, {%5,%5}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a), "r"(b));
}

// A tile loop with one product in its inner loop, and nothing wrong.
TEST __launch_bounds__(128, 4) tile_right(float *out, const uint32_t *x, int tiles, int steps) {
    float d[4] = {};
    for (int t = 0; t < tiles; t++) {
#pragma unroll 1
        for (int k = 0; k < steps; k++) multiply(d, x[k], x[t]);
        out[t] = d[0];
    }
    out[tiles] = d[1] + d[2] + d[3];
}

// The same with ordinary arithmetic where a product is wanted.
TEST __launch_bounds__(128, 4) tile_plain(float *out, const uint32_t *x, int tiles, int steps) {
    float d = 0;
    for (int t = 0; t < tiles; t++) {
#pragma unroll 1
        for (int k = 0; k < steps; k++) d += x[k] * x[t];
        out[t] = d;
    }
}

// Threads of a warp part in the tile loop: two inner loops whose length differs from thread to thread.
TEST __launch_bounds__(128, 4) tile_branches(float *out, const uint32_t *x, const int *length, int tiles) {
    float d[4] = {};
    int mine = length[threadIdx.x];
    for (int t = 0; t < tiles; t++) {
        multiply(d, x[t], x[t]);
        if (mine > t) {
#pragma unroll 1
            for (int k = 0; k < mine; k++) out[k * t] = d[0];
        }
        __syncthreads();
    }
    out[threadIdx.x] = d[1];
}

// More sums than the 32 registers of 1,024 threads in two blocks: they are spilled.
TEST __launch_bounds__(1024, 2) spills(float *out, const float *x, int n) {
    float d[48];
#pragma unroll
    for (int i = 0; i < 48; i++) d[i] = x[64 * threadIdx.x + i];
    for (int t = 0; t < n; t++)
#pragma unroll
        for (int i = 0; i < 48; i++) d[i] = d[i] * d[(i + 1) % 48] + x[t];
#pragma unroll
    for (int i = 0; i < 48; i++) out[64 * threadIdx.x + i] = d[i];
}

// An array of a thread that is indexed by a variable lies in a stack frame.
TEST stack_frame(float *out, const float *x, int n) {
    float d[8];
#pragma unroll
    for (int i = 0; i < 8; i++) d[i] = x[i];
    for (int t = 0; t < n; t++) d[(t * 5) % 8] += x[t];
    out[0] = d[n % 8] + d[(n + 1) % 8];
}

// A loop around a product of a warpgroup, where the GPU has such.
TEST __launch_bounds__(128, 1) warpgroup(float *out, uint64_t a, uint64_t b, int tiles) {
    float d[4] = {};
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#pragma unroll 1
    for (int t = 0; t < tiles; t++) {
        asm volatile("" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])::"memory");
        asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
        asm volatile("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0,%1,%2,%3}, %4, %5, 1, 1, 1, 0, 0;"
                     : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "l"(a + t), "l"(b));
        asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
        asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
        asm volatile("" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])::"memory");
    }
#endif
    out[threadIdx.x] = d[0] + d[1] + d[2] + d[3];
}
