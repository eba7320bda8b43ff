// The GPU's side of mma.cuh: one PTX instruction a function. Needs compute capability 8.0.
#pragma once
#include "kernel.cuh"

#define UDML_MMA_16(name, type)                                                                             \
    __device__ __forceinline__ void name(float d[4], const uint32_t a[4], const uint32_t b[2]) {            \
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." type "." type ".f32 "                         \
                     "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"                      \
                     : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                       \
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                   \
    }
UDML_MMA_16(mma_f16, "f16")
UDML_MMA_16(mma_bf16, "bf16")
#undef UDML_MMA_16

__device__ __forceinline__ void mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2]) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ __forceinline__ uint32_t shared_address(const void *p) {
    return static_cast<uint32_t>(__cvta_generic_to_shared(p));
}

// The memory clobber keeps the compiler from moving a store to shared memory past the load.
#define UDML_LDMATRIX_X4(name, trans)                                                                       \
    __device__ __forceinline__ void name(uint32_t r[4], const void *row) {                                  \
        asm volatile("ldmatrix.sync.aligned.m8n8.x4" trans ".shared.b16 {%0, %1, %2, %3}, [%4];"            \
                     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])                                       \
                     : "r"(shared_address(row))                                                             \
                     : "memory");                                                                           \
    }
#define UDML_LDMATRIX_X2(name, trans)                                                                       \
    __device__ __forceinline__ void name(uint32_t r[2], const void *row) {                                  \
        asm volatile("ldmatrix.sync.aligned.m8n8.x2" trans ".shared.b16 {%0, %1}, [%2];"                    \
                     : "=r"(r[0]), "=r"(r[1])                                                               \
                     : "r"(shared_address(row))                                                             \
                     : "memory");                                                                           \
    }
UDML_LDMATRIX_X4(ldmatrix_x4, "")
UDML_LDMATRIX_X4(ldmatrix_x4_trans, ".trans")
UDML_LDMATRIX_X2(ldmatrix_x2, "")
UDML_LDMATRIX_X2(ldmatrix_x2_trans, ".trans")
#undef UDML_LDMATRIX_X4
#undef UDML_LDMATRIX_X2

// .cg goes past the L1 cache, which the tile would only pollute: each byte is read once by the block.
__device__ __forceinline__ void cp_async16(void *shared, const void *global, bool valid) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :
                 : "r"(shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(valid ? 16 : 0)
                 : "memory");
}

// Four bytes exist only as .ca, through L1.
__device__ __forceinline__ void cp_async4(void *shared, const void *global, bool valid) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;"
                 :
                 : "r"(shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(valid ? 4 : 0)
                 : "memory");
}

__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int N>
__device__ __forceinline__ void cp_async_wait() {
    asm volatile("cp.async.wait_group %0;" : : "n"(N) : "memory");
}

__device__ __forceinline__ uint16_t f16_from(float x) {
    uint16_t bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}

__device__ __forceinline__ float f16_to(uint16_t bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
}

__device__ __forceinline__ uint16_t bf16_from(float x) {
    uint16_t bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}

// A bfloat16 is the upper half of a float.
__device__ __forceinline__ float bf16_to(uint16_t bits) { return __uint_as_float(static_cast<uint32_t>(bits) << 16); }

__device__ __forceinline__ uint32_t tf32_from(float x) {
    uint32_t bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
}

__device__ __forceinline__ float max_nan(float a, float b) {
    float larger;
    asm("max.NaN.f32 %0, %1, %2;" : "=f"(larger) : "f"(a), "f"(b));
    return larger;
}

// The compiler would keep threadIdx.x, and all that follows from it, in registers.
__device__ __forceinline__ unsigned thread_again() {
    unsigned thread;
    asm volatile("mov.u32 %0, %%tid.x;" : "=r"(thread));
    return thread;
}

// The compiler would keep what was read before from shared memory in registers.
__device__ __forceinline__ float4 read_again(const float2 *shared) {
    float4 x;
    asm volatile("ld.volatile.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
                 : "r"(shared_address(shared)));
    return x;
}
