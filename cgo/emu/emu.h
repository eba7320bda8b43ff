// The subset of CUDA C++ that the kernels use, as C++17 for g++: a .cu file that includes this (through
// kernels/include/kernel.cuh) becomes ordinary functions, which the scheduler beside it runs block by block on the CPU.
//
// The plain build runs fast and sees wrong results, deadlocks and divergent barriers; the check build sees races and
// accesses out of bounds too. Neither shows speed, nor reorderings that a GPU's memory model allows, nor tensor maps.
// Warpgroups, mbarriers and bulk copies are those of wgmma.cuh.
// A block that waits for another by polling memory can hang here: blocks run one after the other on each worker.
// Arrays reached through pointers are checked as a whole segment of static shared memory, not one by one.
//
// Floating-point atomics are missing on purpose: their order is not fixed, so neither would be the results.
#pragma once
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stddef.h>

// A block's threads share one thread of the operating system, so thread-local storage is shared memory.
#define __global__
#define __device__
#define __host__
#define __constant__
#define __shared__ thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

// Functions of these headers are static: the check build instruments the kernels but not the scheduler, and the linker
// must not give one of them the other's copy.

// UDML_SITE ends a parameter list: the place of the call, for reports.
#define UDML_SITE const char *udml_file = __builtin_FILE(), int udml_line = __builtin_LINE()

#include "cuda_types.h"
#include "runtime.h"
#include "cuda_math.h"
#include "cuda_warp.h"
#include "cuda_atomic.h"
#include "registry.h"
