// Kernels that are wrong on purpose in what compute capability 9.0 adds: mbarriers, bulk copies, warpgroups, named barriers.
#include "wgmma.cuh"

struct Place {
    uint64_t *bars;
    unsigned char *stage;  // at a multiple of 1024 bytes of the shared window
};

__device__ __forceinline__ Place start(int first, int second) {
    SHARED(unsigned char, memory);
    Place at = {reinterpret_cast<uint64_t *>(memory), memory + 1024 - shared_address(memory) % 1024};
    if (threadIdx.x == 0) {
        mbarrier_init(at.bars, first);
        mbarrier_init(at.bars + 1, second);
        mbarrier_init_fence();
    }
    __syncthreads();
    return at;
}

// The copy has been asked for; its phase is not over.
KERNEL(wrong_early_read, float *y, const float *x) {
    Place at = start(1, 1);
    if (threadIdx.x == 0) {
        mbarrier_expect(at.bars, 128);
        bulk_copy(at.stage, x, 128, at.bars);
    }
    __syncthreads();
    y[threadIdx.x] = reinterpret_cast<float *>(at.stage)[threadIdx.x];
    mbarrier_wait(at.bars, 0);
}

// One thread waits for the copy; the other warp reads without having waited for anything.
KERNEL(wrong_other_waits, float *y, const float *x) {
    Place at = start(1, 1);
    if (threadIdx.x == 0) {
        mbarrier_expect(at.bars, 256);
        bulk_copy(at.stage, x, 256, at.bars);
    }
    if (threadIdx.x < 32) mbarrier_wait(at.bars, 0);
    else mbarrier_wait(at.bars + 1, 1);
    y[threadIdx.x] = reinterpret_cast<float *>(at.stage)[threadIdx.x];
}

// The second copy overwrites what the other warp may still read: nothing says that it has finished.
KERNEL(wrong_overwrite, float *y, const float *x) {
    Place at = start(1, 1);
    for (int i = 0; i < 2; i++) {
        if (threadIdx.x == 0) {
            mbarrier_expect(at.bars, 128);
            bulk_copy(at.stage, x + 32 * i, 128, at.bars);
        }
        mbarrier_wait(at.bars, i);
        if (threadIdx.x >= 32) y[32 * i + threadIdx.x % 32] = reinterpret_cast<float *>(at.stage)[threadIdx.x % 32];
    }
}

KERNEL(wrong_bulk_alignment, float *y, const float *x, int offset, int bytes) {
    Place at = start(1, 1);
    mbarrier_expect(at.bars, bytes);
    bulk_copy(at.stage, x + offset, bytes, at.bars);
    mbarrier_wait(at.bars, 0);
    y[0] = 1;
}

// More bytes are announced than come.
KERNEL(wrong_expect, float *y, const float *x) {
    Place at = start(1, 1);
    if (threadIdx.x == 0) {
        mbarrier_expect(at.bars, 144);
        bulk_copy(at.stage, x, 128, at.bars);
    }
    mbarrier_wait(at.bars, 0);
    y[threadIdx.x] = 1;
}

KERNEL(wrong_arrivals, float *y) {
    Place at = start(2, 1);
    mbarrier_expect(at.bars, 16);
    mbarrier_arrive(at.bars);
    y[threadIdx.x] = 1;
}

KERNEL(wrong_no_init, float *y) {
    SHARED(uint64_t, bars);
    mbarrier_arrive(bars);
    y[threadIdx.x] = 1;
}

// The mbarrier is used before a barrier has shown its initialisation to the other warp.
KERNEL(wrong_init_unseen, float *y) {
    SHARED(uint64_t, bars);
    if (threadIdx.x == 0) mbarrier_init(bars, 64);
    mbarrier_arrive(bars);
    y[threadIdx.x] = 1;
}

KERNEL(wrong_left_behind, float *y, const float *x) {
    Place at = start(1, 1);
    if (threadIdx.x == 0) {
        mbarrier_expect(at.bars, 128);
        bulk_copy(at.stage, x, 128, at.bars);
    }
    y[threadIdx.x] = 1;
}

__device__ __forceinline__ void bring(const Place &at, const float *x, int bytes) {
    if (threadIdx.x == 0) {
        mbarrier_expect(at.bars, bytes);
        bulk_copy(at.stage, x, bytes, at.bars);
    }
    mbarrier_wait(at.bars, 0);
}

__device__ __forceinline__ uint64_t operand(const Place &at, int offset, int stride) {
    return wgmma_descriptor(shared_address(at.stage) + offset, kLines128, stride, 0);
}

// The products run on while their sums are read.
KERNEL(wrong_no_wgmma_wait, float *y, const float *x) {
    Place at = start(1, 1);
    float sum[64] = {};
    bring(at, x, 16384);
    wgmma_fence();
    wgmma_bf16(sum, operand(at, 0, 1024), operand(at, 0, 1024), 1);
    wgmma_commit();
    y[threadIdx.x] = sum[threadIdx.x % 64];
    wgmma_wait<0>();
}

KERNEL(wrong_no_wgmma_fence, float *y, const float *x) {
    Place at = start(1, 1);
    float sum[64] = {};
    bring(at, x, 16384);
    wgmma_bf16(sum, operand(at, 0, 1024), operand(at, 0, 1024), 1);
    wgmma_commit();
    wgmma_wait<0>();
    y[threadIdx.x] = sum[threadIdx.x % 64];
}

// Operands of the given stride, at the given offset, in 17,408 bytes of shared memory: the last rows of the wrong ones lie behind them.
KERNEL(wrong_descriptor, float *y, const float *x, int offset, int stride) {
    Place at = start(1, 1);
    float sum[64] = {};
    bring(at, x, 16384);
    wgmma_fence();
    wgmma_bf16(sum, operand(at, offset, stride), operand(at, offset, stride), 1);
    wgmma_commit();
    wgmma_wait<0>();
    y[threadIdx.x] = sum[threadIdx.x % 64];
}

// Ordinary stores are not seen by the products' reads.
KERNEL(wrong_stored_operand, float *y) {
    Place at = start(1, 1);
    float sum[64] = {};
    for (int i = threadIdx.x; i < 4096; i += 128) reinterpret_cast<float *>(at.stage)[i] = 0;
    __syncthreads();
    wgmma_fence();
    wgmma_bf16(sum, operand(at, 0, 1024), operand(at, 0, 1024), 1);
    wgmma_commit();
    wgmma_wait<0>();
    y[threadIdx.x] = sum[threadIdx.x % 64];
}

// The place of the operands is given back before the products have read them.
KERNEL(wrong_early_release, float *y, const float *x) {
    Place at = start(1, 128);
    float sum[64] = {};
    if (threadIdx.x >= 128) {
        if (threadIdx.x > 128) return;
        for (int i = 0; i < 2; i++) {
            if (i > 0) mbarrier_wait(at.bars + 1, 0);
            mbarrier_expect(at.bars, 16384);
            bulk_copy(at.stage, x, 16384, at.bars);
        }
        mbarrier_wait(at.bars, 1);
        return;
    }
    mbarrier_wait(at.bars, 0);
    wgmma_fence();
    wgmma_bf16(sum, operand(at, 0, 1024), operand(at, 0, 1024), 1);
    wgmma_commit();
    mbarrier_arrive(at.bars + 1);
    wgmma_wait<0>();
    y[threadIdx.x] = sum[threadIdx.x % 64];
}

KERNEL(wrong_part_of_warpgroup, float *y) {
    wgmma_fence();
    y[threadIdx.x] = 1;
}

KERNEL_BOUNDS(384, 1, wrong_registers, float *y) {
    registers_give<36>();
    y[threadIdx.x] = 1;
}

// Nobody gives up the registers that the others ask for.
KERNEL_BOUNDS(384, 1, wrong_no_registers, float *y) {
    if (threadIdx.x >= 128) registers_take<232>();
    y[threadIdx.x] = 1;
}

KERNEL_BOUNDS(384, 1, wrong_part_takes, float *y) {
    if (threadIdx.x < 64) registers_give<40>();
    y[threadIdx.x] = 1;
}

KERNEL(wrong_named_count, float *y) {
    if (threadIdx.x < 32) named_barrier(1, 64);
    else named_barrier(1, 96);
    y[threadIdx.x] = 1;
}

KERNEL(wrong_named_missing, float *y) {
    if (threadIdx.x < 32) named_barrier(2, 64);
    y[threadIdx.x] = 1;
}

// Warps 0 and 1 meet in a named barrier; warp 2 reads what they have written all the same.
KERNEL(wrong_named_outsider, float *y) {
    SHARED(float, tile);
    if (threadIdx.x < 64) {
        tile[threadIdx.x] = 1;
        named_barrier(1, 64);
    }
    y[threadIdx.x] = tile[(threadIdx.x + 32) % 64];
}
