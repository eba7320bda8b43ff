// How threads lie over lines of equal width (kernels.Lines): a thread keeps one place in a line and loops over
// lines. Neighbours are neighbours in memory, and values that depend on the place are computed once.
#pragma once
#include "kernel.cuh"

__device__ __forceinline__ int line_place() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int first_line() { return blockIdx.y * blockDim.y + threadIdx.y; }
__device__ __forceinline__ int line_step() { return gridDim.y * blockDim.y; }
