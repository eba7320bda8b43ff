// Barriers and warp collectives under CUDA's names.
#pragma once

static inline void __syncthreads(UDML_SITE) { udml_barrier(udml::kPlain, 0, udml_file, udml_line); }
static inline int __syncthreads_count(int predicate, UDML_SITE) { return udml_barrier(udml::kCount, predicate, udml_file, udml_line); }
static inline int __syncthreads_or(int predicate, UDML_SITE) { return udml_barrier(udml::kAnyTrue, predicate, udml_file, udml_line); }
static inline int __syncthreads_and(int predicate, UDML_SITE) { return udml_barrier(udml::kAllTrue, predicate, udml_file, udml_line); }
static inline void __syncwarp(unsigned mask = 0xffffffffu, UDML_SITE) { udml_sync_warp(mask, udml_file, udml_line); }

static inline unsigned __ballot_sync(unsigned mask, int predicate, UDML_SITE) {
    return udml_ballot(mask, predicate != 0, udml_file, udml_line);
}
static inline int __any_sync(unsigned mask, int predicate, UDML_SITE) {
    return udml_ballot(mask, predicate != 0, udml_file, udml_line) != 0;
}
static inline int __all_sync(unsigned mask, int predicate, UDML_SITE) {
    return udml_ballot(mask, predicate == 0, udml_file, udml_line) == 0;
}
static inline unsigned __activemask() { return udml_active_mask(); }
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() {}
[[noreturn]] static inline void __trap(UDML_SITE) { udml_trap("__trap", udml_file, udml_line); }

// A value travels as the low bytes of 64 bits. Only CUDA's own shuffle types are taken: anything else is an error there too.
template <typename T>
static inline T udml_shuffle_as(udml::ShuffleKind kind, unsigned mask, T x, int operand, int width, const char *file, int line) {
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &x, sizeof x);
    bits = udml_shuffle(kind, mask, bits, operand, width, file, line);
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

#define UDML_SHUFFLES(T)                                                                       \
    static inline T __shfl_sync(unsigned mask, T x, int source, int width = 32, UDML_SITE) {          \
        return udml_shuffle_as(udml::kIndex, mask, x, source, width, udml_file, udml_line);    \
    }                                                                                          \
    static inline T __shfl_up_sync(unsigned mask, T x, unsigned delta, int width = 32, UDML_SITE) {   \
        return udml_shuffle_as(udml::kUp, mask, x, static_cast<int>(delta), width, udml_file, udml_line); \
    }                                                                                          \
    static inline T __shfl_down_sync(unsigned mask, T x, unsigned delta, int width = 32, UDML_SITE) { \
        return udml_shuffle_as(udml::kDown, mask, x, static_cast<int>(delta), width, udml_file, udml_line); \
    }                                                                                          \
    static inline T __shfl_xor_sync(unsigned mask, T x, int lanes, int width = 32, UDML_SITE) {       \
        return udml_shuffle_as(udml::kXor, mask, x, lanes, width, udml_file, udml_line);       \
    }
UDML_SHUFFLES(int)
UDML_SHUFFLES(unsigned)
UDML_SHUFFLES(long)
UDML_SHUFFLES(unsigned long)
UDML_SHUFFLES(long long)
UDML_SHUFFLES(unsigned long long)
UDML_SHUFFLES(float)
UDML_SHUFFLES(double)
#undef UDML_SHUFFLES

#define UDML_REDUCE(T, name, kind)                                                                   \
    static inline T name(unsigned mask, T x, UDML_SITE) {                                                   \
        return static_cast<T>(udml_reduce(kind, mask, static_cast<unsigned>(x), udml_file, udml_line)); \
    }
UDML_REDUCE(int, __reduce_add_sync, udml::kAdd)
UDML_REDUCE(unsigned, __reduce_add_sync, udml::kAdd)
UDML_REDUCE(int, __reduce_min_sync, udml::kMin)
UDML_REDUCE(unsigned, __reduce_min_sync, udml::kUMin)
UDML_REDUCE(int, __reduce_max_sync, udml::kMax)
UDML_REDUCE(unsigned, __reduce_max_sync, udml::kUMax)
UDML_REDUCE(unsigned, __reduce_and_sync, udml::kAnd)
UDML_REDUCE(unsigned, __reduce_or_sync, udml::kOr)
UDML_REDUCE(unsigned, __reduce_xor_sync, udml::kXorBits)
#undef UDML_REDUCE
