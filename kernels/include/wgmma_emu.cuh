// The CPU's side of wgmma.cuh, for g++: calls of the emulated device.
#pragma once
#include "kernel.cuh"

static inline uint32_t shared_address(const void *p) { return udml_shared_address(p); }

static inline void mbarrier_init(uint64_t *bar, int arrivals, UDML_SITE) { udml_mbarrier_init(bar, arrivals, udml_file, udml_line); }
static inline void mbarrier_init_fence() {}
static inline void mbarrier_arrive(uint64_t *bar, UDML_SITE) { udml_mbarrier_arrive(bar, 0, udml_file, udml_line); }
static inline void mbarrier_arrive_if(bool arrives, uint64_t *bar, UDML_SITE) {
    if (arrives) udml_mbarrier_arrive(bar, 0, udml_file, udml_line);
}
static inline void mbarrier_expect(uint64_t *bar, int bytes, UDML_SITE) { udml_mbarrier_arrive(bar, bytes, udml_file, udml_line); }
static inline void mbarrier_wait(uint64_t *bar, unsigned parity, UDML_SITE) { udml_mbarrier_wait(bar, parity, udml_file, udml_line); }
static inline void bulk_copy(void *shared, const void *global, int bytes, uint64_t *bar, UDML_SITE) {
    udml_bulk_copy(shared, global, bytes, bar, udml_file, udml_line);
}

static inline void wgmma_bf16(float (&d)[64], uint64_t a, uint64_t b, int keep, UDML_SITE) {
    udml_group_product(d, 128, false, a, b, keep != 0, udml_file, udml_line);
}
static inline void wgmma_f16(float (&d)[64], uint64_t a, uint64_t b, int keep, UDML_SITE) {
    udml_group_product(d, 128, true, a, b, keep != 0, udml_file, udml_line);
}
static inline void wgmma_fence(UDML_SITE) { udml_group_do(udml::kGroupFence, 0, false, udml_file, udml_line); }
static inline void wgmma_commit(UDML_SITE) { udml_group_do(udml::kGroupCommit, 0, false, udml_file, udml_line); }
template <int N>
static inline void wgmma_wait(UDML_SITE) {
    static_assert(N >= 0 && N < 8, "a group count");
    udml_group_do(udml::kGroupWait, N, false, udml_file, udml_line);
}
static inline void wgmma_hold(float (&)[64]) {}

template <int N>
static inline void registers_give(UDML_SITE) {
    udml_group_do(udml::kGroupRegisters, N, false, udml_file, udml_line);
}
template <int N>
static inline void registers_take(UDML_SITE) {
    udml_group_do(udml::kGroupRegisters, N, true, udml_file, udml_line);
}

static inline void named_barrier(int number, int threads, UDML_SITE) { udml_named_barrier(number, threads, udml_file, udml_line); }
