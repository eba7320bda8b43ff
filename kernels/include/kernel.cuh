// The first include of every .cu file: one text for nvcc and for g++.
//
// nvcc makes GPU code of a kernel; g++ (with cgo/emu) makes a function that the emulated device runs on the CPU.
// A kernel is declared with KERNEL and nothing else, because the emulator must learn each kernel's name and
// argument types, which the driver API does not carry.
//
//     KERNEL(scale_f32, float *x, float factor, long long n) {
//         long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
//         if (i < n) x[i] *= factor;
//     }
//
// The host passes each argument in an 8-byte slot of its own; no argument is larger than that.
#pragma once
#include <stdint.h>

#ifdef __CUDACC__

#define KERNEL(name, ...) extern "C" __global__ void name(__VA_ARGS__)

// KERNEL_BOUNDS promises that no block has more than `threads` threads, and asks for registers few enough that
// `minblocks` blocks fit a multiprocessor at once.
#define KERNEL_BOUNDS(threads, minblocks, name, ...) \
    extern "C" __global__ void __launch_bounds__(threads, minblocks) name(__VA_ARGS__)

// SHARED names the block's dynamic shared memory. All kernels of a module see one array, so its type is bytes
// and its alignment that of the widest access (16 bytes).
extern __shared__ __align__(16) unsigned char udml_smem[];
#define SHARED(T, name) T *name = reinterpret_cast<T *>(udml_smem)

#else

#include "../../cgo/emu/emu.h"

#define KERNEL(name, ...) UDML_EMULATED(1024, name, __VA_ARGS__)
#define KERNEL_BOUNDS(threads, minblocks, name, ...) UDML_EMULATED(threads, name, __VA_ARGS__)
#define SHARED(T, name) T *name = reinterpret_cast<T *>(udml_dynamic_shared())

#endif

// KERNEL_STACK_ALLOWED marks a kernel that may have a stack frame: registers spilled to memory, or arrays there. The compiler sees
// nothing; the script that builds the kernels reads it and fails on any other kernel that has one.
#define KERNEL_STACK_ALLOWED(name)

// KERNEL_WGMMA marks a kernel that shall multiply by warpgroups where the GPU can (wgmma, compute capability 9.0). The compiler sees
// nothing; scripts/sass reads it and fails where the machine code for sm_90a has no such instruction.
#define KERNEL_WGMMA(name)

static_assert(sizeof(int) == 4 && sizeof(long long) == 8 && sizeof(void *) == 8, "the host counts on these sizes");
