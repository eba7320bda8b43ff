// Warpgroups as a kernel uses them: a producer that copies stages onto mbarriers, consumers that multiply, registers handed over.
#include "wgmma.cuh"

constexpr int kStages = 2;

struct Stages {
    uint64_t *full, *empty;
    unsigned char *stage;
    int bytes;
};

// The stages begin at a multiple of 1024 bytes of the shared window; the mbarriers lie before them.
__device__ __forceinline__ Stages stages_of(int bytes) {
    SHARED(unsigned char, memory);
    uint64_t *bars = reinterpret_cast<uint64_t *>(memory);
    unsigned char *first = memory + 128;
    return {bars, bars + kStages, first + (1024 - shared_address(first) % 1024) % 1024, bytes};
}

// d [groups * 64, 128] = a [groups * 64, 64 steps] b [128, 64 steps]^T, both packed: chunks of 64 k in lines of 128 bytes, swizzled. A
// stage is a chunk of b and the groups' chunks of a.
template <bool half>
__device__ __forceinline__ void multiply_chunks(float *d, const unsigned char *a, const unsigned char *b, int steps) {
    int groups = blockDim.x / 128 - 1, group = threadIdx.x / 128 - 1;
    Stages s = stages_of(16384 + groups * 8192);
    if (threadIdx.x == 0) {
        for (int i = 0; i < kStages; i++) mbarrier_init(s.full + i, 1), mbarrier_init(s.empty + i, groups);
        mbarrier_init_fence();
    }
    __syncthreads();
    if (group < 0) {
        registers_give<40>();
        for (int i = 0; threadIdx.x == 0 && i < steps; i++) {
            unsigned char *stage = s.stage + i % kStages * s.bytes;
            if (i >= kStages) mbarrier_wait(s.empty + i % kStages, i / kStages - 1 & 1);
            mbarrier_expect(s.full + i % kStages, s.bytes);
            bulk_copy(stage, b + i * 16384, 16384, s.full + i % kStages);
            for (int g = 0; g < groups; g++) bulk_copy(stage + 16384 + g * 8192, a + (g * steps + i) * 8192, 8192, s.full + i % kStages);
        }
        return;
    }
    registers_take<232>();
    float sum[64];
    wgmma_hold(sum);
    for (int i = 0; i < steps; i++) {
        uint32_t stage = shared_address(s.stage + i % kStages * s.bytes);
        mbarrier_wait(s.full + i % kStages, i / kStages & 1);
        wgmma_fence();
        for (int k = 0; k < 4; k++) {
            uint64_t left = wgmma_descriptor(stage + 16384 + group * 8192 + k * 32, kLines128, 1024, 0);
            uint64_t right = wgmma_descriptor(stage + k * 32, kLines128, 1024, 0);
            if (half) wgmma_f16(sum, left, right, i + k);
            else wgmma_bf16(sum, left, right, i + k);
        }
        wgmma_commit();
        wgmma_wait<0>();
        wgmma_hold(sum);
        named_barrier(1 + group, 128);
        if (threadIdx.x % 128 == 0) mbarrier_arrive(s.empty + i % kStages);
    }
    int t = threadIdx.x % 128, row = group * 64 + t / 32 * 16 + t % 32 / 4;
    for (int i = 0; i < 64; i++) d[(row + i / 2 % 2 * 8) * 128 + i / 4 * 8 + t % 4 * 2 + i % 2] = sum[i];
}

KERNEL_BOUNDS(384, 1, right_wgmma_bf16, float *d, const unsigned char *a, const unsigned char *b, int steps) {
    multiply_chunks<false>(d, a, b, steps);
}
KERNEL_BOUNDS(384, 1, right_wgmma_f16, float *d, const unsigned char *a, const unsigned char *b, int steps) {
    multiply_chunks<true>(d, a, b, steps);
}

// One product of 16 k, d [64,128], of operands [rows,16] that lie as the layout has them, a behind b.
template <WgmmaLayout layout>
__device__ __forceinline__ void multiply_once(float *d, const unsigned char *a, const unsigned char *b, int stride, int leading) {
    Stages s = stages_of(0);
    int line = layout == kUnits ? 32 : 64;
    if (threadIdx.x == 0) {
        mbarrier_init(s.full, 1);
        mbarrier_init_fence();
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        mbarrier_expect(s.full, 192 * line);
        bulk_copy(s.stage, b, 128 * line, s.full);
        bulk_copy(s.stage + 128 * line, a, 64 * line, s.full);
    }
    mbarrier_wait(s.full, 0);
    float sum[64];
    uint32_t at = shared_address(s.stage);
    wgmma_hold(sum);
    wgmma_fence();
    wgmma_bf16(sum, wgmma_descriptor(at + 128 * line, layout, stride, leading), wgmma_descriptor(at, layout, stride, leading), 0);
    wgmma_commit();
    wgmma_wait<0>();
    wgmma_hold(sum);
    int t = threadIdx.x, row = t / 32 * 16 + t % 32 / 4;
    for (int i = 0; i < 64; i++) d[(row + i / 2 % 2 * 8) * 128 + i / 4 * 8 + t % 4 * 2 + i % 2] = sum[i];
}

KERNEL(right_wgmma_units, float *d, const unsigned char *a, const unsigned char *b, int stride, int leading) {
    multiply_once<kUnits>(d, a, b, stride, leading);
}
KERNEL(right_wgmma_lines64, float *d, const unsigned char *a, const unsigned char *b, int stride, int leading) {
    multiply_once<kLines64>(d, a, b, stride, leading);
}
