// Tensor-core products, the loads that feed them, asynchronous copies, and the 16-bit formats, each under one name.
// This file declares; mma_ptx.cuh holds the GPU's instructions and mma_emu.cuh the same on the CPU.
//
// The elements that each lane holds (PTX ISA, "Matrix Fragments for mma.m16n8k16"; g = lane/4, t = lane%4):
//
//     d[0], d[1]  row g,   columns 2t, 2t+1         d[2], d[3]  row g+8, the same columns      (float)
//     a[0]  row g,   k = 2t, 2t+1                   a[1]  row g+8, the same k                  (two 16-bit each,
//     a[2]  row g,   k = 2t+8, 2t+9                 a[3]  row g+8, the same k                   the lower k in the low half)
//     b[0]  k = 2t, 2t+1, column g                  b[1]  k = 2t+8, 2t+9, column g
//
// and for tf32 m16n8k8: a[0] (g, t), a[1] (g+8, t), a[2] (g, t+4), a[3] (g+8, t+4); b[0] (t, g), b[1] (t+4, g).
//
//     mma_f16(d, a, b)   mma_bf16(d, a, b)   mma_tf32(d, a, b)    d += a * b, float accumulators; all 32 lanes
//     ldmatrix_x4(r, row)   ldmatrix_x2(r, row)                   8x8 tiles of 16-bit values from shared memory:
//         lane 8j+i gives the address of row i of tile j (16 bytes, 16-byte aligned); r[j] is elements 2t, 2t+1 of row g
//     ldmatrix_x4_trans(r, row)   ldmatrix_x2_trans(r, row)       the same of the transposed tiles
//     cp_async16(shared, global, valid)   cp_async4(...)          16 or 4 bytes, past the registers; zeros when !valid
//     cp_async_commit()   cp_async_wait<N>()                      close a group; wait for all but the newest N groups
//     max_nan(a, b)                               the larger, NaN if either is, in one instruction
//     thread_again()                              threadIdx.x, read here and not kept in a register from before
//     read_again(shared)                          four floats of shared memory, read here likewise
//     f16_from, f16_to, bf16_from, bf16_to, tf32_from, pack2      formats as bits, round to nearest even (tf32: ties away)
//
// A copy is visible to its own thread after cp_async_wait, to the block only after __syncthreads as well.
#pragma once
#include "kernel.cuh"

#ifdef __CUDACC__
#include "mma_ptx.cuh"
#else
#include "mma_emu.cuh"
#endif

// pack2 puts two 16-bit values into one register, `lo` in the low half, as fragments and ldmatrix have them.
__device__ __forceinline__ uint32_t pack2(uint16_t lo, uint16_t hi) {
    return static_cast<uint32_t>(lo) | static_cast<uint32_t>(hi) << 16;
}
