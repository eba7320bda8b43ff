// Integer atomics. Blocks run on several threads of the CPU, so they are real ones.
#pragma once

template <typename T>
static inline T udml_atomic_swap_if(T *p, T expected, T wanted) {
    __atomic_compare_exchange_n(p, &expected, wanted, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return expected;
}

#define UDML_ATOMICS(T)                                                                            \
    static inline T atomicAdd(T *p, T x) { return __atomic_fetch_add(p, x, __ATOMIC_RELAXED); }           \
    static inline T atomicExch(T *p, T x) { return __atomic_exchange_n(p, x, __ATOMIC_RELAXED); }         \
    static inline T atomicOr(T *p, T x) { return __atomic_fetch_or(p, x, __ATOMIC_RELAXED); }             \
    static inline T atomicAnd(T *p, T x) { return __atomic_fetch_and(p, x, __ATOMIC_RELAXED); }           \
    static inline T atomicXor(T *p, T x) { return __atomic_fetch_xor(p, x, __ATOMIC_RELAXED); }           \
    static inline T atomicCAS(T *p, T expected, T wanted) { return udml_atomic_swap_if(p, expected, wanted); } \
    static inline T atomicMax(T *p, T x) {                                                                \
        T old = __atomic_load_n(p, __ATOMIC_RELAXED);                                              \
        while (old < x && !__atomic_compare_exchange_n(p, &old, x, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) \
            ;                                                                                      \
        return old;                                                                                \
    }                                                                                              \
    static inline T atomicMin(T *p, T x) {                                                                \
        T old = __atomic_load_n(p, __ATOMIC_RELAXED);                                              \
        while (x < old && !__atomic_compare_exchange_n(p, &old, x, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) \
            ;                                                                                      \
        return old;                                                                                \
    }
UDML_ATOMICS(int)
UDML_ATOMICS(unsigned)
UDML_ATOMICS(unsigned long long)
#undef UDML_ATOMICS

static inline int atomicSub(int *p, int x) { return __atomic_fetch_sub(p, x, __ATOMIC_RELAXED); }
static inline unsigned atomicSub(unsigned *p, unsigned x) { return __atomic_fetch_sub(p, x, __ATOMIC_RELAXED); }

// Sums of floating point in the order of arrival differ from run to run.
float atomicAdd(float *, float) = delete;
double atomicAdd(double *, double) = delete;
float atomicMax(float *, float) = delete;
float atomicMin(float *, float) = delete;
float atomicExch(float *, float) = delete;
