// The GPU's side of wgmma.cuh: one PTX instruction a function, for sm_90a.
#pragma once
#include "kernel.cuh"
#include "mma.cuh"

__device__ __forceinline__ void mbarrier_init(uint64_t *bar, int arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" : : "r"(shared_address(bar)), "r"(arrivals) : "memory");
}

// The copies' side sees initialised barriers only after this.
__device__ __forceinline__ void mbarrier_init_fence() { asm volatile("fence.mbarrier_init.release.cluster;" : : : "memory"); }

__device__ __forceinline__ void mbarrier_arrive(uint64_t *bar) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" : : "r"(shared_address(bar)) : "memory");
}

// A predicate, not a branch: among products on their way a branch costs the compiler registers.
__device__ __forceinline__ void mbarrier_arrive_if(bool arrives, uint64_t *bar) {
    asm volatile("{\n.reg .pred arrives;\nsetp.ne.b32 arrives, %0, 0;\n@arrives mbarrier.arrive.shared::cta.b64 _, [%1];\n}"
                 :
                 : "r"(static_cast<int>(arrives)), "r"(shared_address(bar))
                 : "memory");
}

__device__ __forceinline__ void mbarrier_expect(uint64_t *bar, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" : : "r"(shared_address(bar)), "r"(bytes) : "memory");
}

// try_wait sleeps for a time that the hardware chooses, and may come back before the phase is over.
__device__ __forceinline__ void mbarrier_wait(uint64_t *bar, unsigned parity) {
    asm volatile("{\n"
                 ".reg .pred over;\n"
                 "again:\n"
                 "mbarrier.try_wait.parity.shared::cta.b64 over, [%0], %1;\n"
                 "@!over bra again;\n"
                 "}"
                 :
                 : "r"(shared_address(bar)), "r"(parity)
                 : "memory");
}

// A block that belongs to no cluster is a cluster of its own, so that its shared memory is the cluster's.
__device__ __forceinline__ void bulk_copy(void *shared, const void *global, int bytes, uint64_t *bar) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];"
                 :
                 : "r"(shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(bytes), "r"(shared_address(bar))
                 : "memory");
}

#define UDML_SUMS_8(i) \
    "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])
#define UDML_WGMMA(name, type)                                                                                      \
    __device__ __forceinline__ void name(float (&d)[64], uint64_t a, uint64_t b, int keep) {                        \
        asm volatile("{\n.reg .pred keep;\nsetp.ne.b32 keep, %66, 0;\n"                                             \
                     "wgmma.mma_async.sync.aligned.m64n128k16.f32." type "." type " {"                              \
                     "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "                       \
                     "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "             \
                     "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "             \
                     "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "            \
                     "%64, %65, keep, 1, 1, 0, 0;\n}"                                                               \
                     : UDML_SUMS_8(0), UDML_SUMS_8(8), UDML_SUMS_8(16), UDML_SUMS_8(24), UDML_SUMS_8(32),           \
                       UDML_SUMS_8(40), UDML_SUMS_8(48), UDML_SUMS_8(56)                                            \
                     : "l"(a), "l"(b), "r"(keep));                                                                  \
    }
UDML_WGMMA(wgmma_bf16, "bf16")
UDML_WGMMA(wgmma_f16, "f16")
#undef UDML_WGMMA
#undef UDML_SUMS_8

__device__ __forceinline__ void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" : : : "memory"); }

__device__ __forceinline__ void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" : : : "memory"); }

template <int N>
__device__ __forceinline__ void wgmma_wait() {
    asm volatile("wgmma.wait_group.sync.aligned %0;" : : "n"(N) : "memory");
}

// A wait names no registers. Without this the compiler moves what uses the sums over it, sees that, and makes each product wait for the
// one before (ptxas' warning C7514).
__device__ __forceinline__ void wgmma_hold(float (&d)[64]) {
#pragma unroll
    for (int i = 0; i < 64; i++) asm volatile("" : "+f"(d[i]) : : "memory");
}

template <int N>
__device__ __forceinline__ void registers_give() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" : : "n"(N));
}

template <int N>
__device__ __forceinline__ void registers_take() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" : : "n"(N));
}

__device__ __forceinline__ void named_barrier(int number, int threads) {
    asm volatile("bar.sync %0, %1;" : : "r"(number), "r"(threads) : "memory");
}
