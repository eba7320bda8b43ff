// Products of warpgroups and what feeds them: the instructions of compute capability 9.0 alone (sm_90a), each under one name.
// This file declares; wgmma_ptx.cuh holds the GPU's instructions and wgmma_emu.cuh the same on the CPU. Code that uses them stands
// between #ifdef UDML_WARPGROUPS and #endif, since the kernels are compiled for other GPUs too.
//
// A warpgroup is four neighbouring warps, the first a multiple of four. Thread t of it holds of the 64 x 128 sums
// d[4 j + 2 h + e]: row t / 32 * 16 + t % 32 / 4 + 8 h, column 8 j + t % 4 * 2 + e (PTX ISA, "wgmma.mma_async.m64nNk16").
//
//     mbarrier_init(bar, arrivals)     by one thread, then mbarrier_init_fence() and a barrier of the block
//     mbarrier_arrive(bar)             mbarrier_expect(bar, bytes): arrives and announces bytes of copies
//     mbarrier_arrive_if(arrives, bar) a thread that arrives or does not, without a branch
//     mbarrier_wait(bar, parity)       until the phase of that parity is over: 0 for the first
//     bulk_copy(shared, global, bytes, bar)     counts its bytes on bar when they are there; all three are multiples of 16
//     wgmma_descriptor(...)            a K-major operand in shared memory, 16 k of it; shared_address(p) is its address
//     wgmma_bf16(d, a, b, keep)   wgmma_f16     d = a b^T, or d += a b^T where keep is not 0; runs on until it is waited for
//     wgmma_fence()                    before the first product after the threads may have touched d
//     wgmma_commit()   wgmma_wait<N>() close a group; wait for all but the newest N groups
//     wgmma_hold(d)                    after a wait and before a product: nothing that uses d may move over this
//     registers_give<N>()   registers_take<N>()     from now on the warpgroup's threads have N registers each (setmaxnreg)
//     named_barrier(number, threads)   __syncthreads for so many threads, number 1 to 15
#pragma once
#include "kernel.cuh"

// Operands are lines of 128 or 64 bytes whose 16-byte units are exchanged as the hardware swizzles, without a swizzle units alone.
enum WgmmaLayout { kUnits = 0, kLines128 = 1, kLines64 = 2 };

// wgmma_descriptor: `stride` is the distance of 8 rows from the next 8, `leading`, of kUnits alone, that of 8 k from the next 8. The next
// 16 k of lines lie 32 bytes on.
__device__ __forceinline__ uint64_t wgmma_descriptor(uint32_t address, WgmmaLayout layout, uint32_t stride, uint32_t leading) {
    return static_cast<uint64_t>((address & 0x3ffff) >> 4) | static_cast<uint64_t>(leading >> 4) << 16 |
           static_cast<uint64_t>(stride >> 4) << 32 | static_cast<uint64_t>(layout) << 62;
}

#ifdef __CUDACC__
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#define UDML_WARPGROUPS
#include "wgmma_ptx.cuh"
#endif
#else
#define UDML_WARPGROUPS
#include "wgmma_emu.cuh"
#endif
