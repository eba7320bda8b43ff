// The functions that g++ calls from kernels compiled with -fsanitize=thread,alignment,bounds. The sanitizers' own runtimes are not
// linked: they know threads of the operating system, not threads of a block.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_state.h"

using namespace udml;

#define HOOK extern "C"
#define PC __builtin_return_address(0)

HOOK void __tsan_init() {}

#define UDML_HOOKS(n)                                                                            \
    HOOK void __tsan_read##n(void *p) { check_access(p, n, kRead, PC); }                         \
    HOOK void __tsan_write##n(void *p) { check_access(p, n, kWrite, PC); }                       \
    HOOK void __tsan_unaligned_read##n(void *p) { check_access(p, n, kRead, PC); }               \
    HOOK void __tsan_unaligned_write##n(void *p) { check_access(p, n, kWrite, PC); }
UDML_HOOKS(1)
UDML_HOOKS(2)
UDML_HOOKS(4)
UDML_HOOKS(8)
UDML_HOOKS(16)

HOOK void __tsan_read_range(void *p, size_t bytes) { check_access(p, bytes, kRead, PC); }
HOOK void __tsan_write_range(void *p, size_t bytes) { check_access(p, bytes, kWrite, PC); }

#define UDML_ATOMIC_HOOK(bits, name, builtin)                                                       \
    HOOK uint##bits##_t __tsan_atomic##bits##_##name(volatile void *p, uint##bits##_t x, int) {     \
        check_access(const_cast<void *>(p), sizeof x, kAtomic, PC);                                 \
        return builtin(static_cast<volatile uint##bits##_t *>(p), x, __ATOMIC_SEQ_CST);             \
    }
#define UDML_ATOMIC_HOOKS(bits)                                                                     \
    UDML_ATOMIC_HOOK(bits, fetch_add, __atomic_fetch_add)                                           \
    UDML_ATOMIC_HOOK(bits, fetch_sub, __atomic_fetch_sub)                                           \
    UDML_ATOMIC_HOOK(bits, fetch_and, __atomic_fetch_and)                                           \
    UDML_ATOMIC_HOOK(bits, fetch_or, __atomic_fetch_or)                                             \
    UDML_ATOMIC_HOOK(bits, fetch_xor, __atomic_fetch_xor)                                           \
    UDML_ATOMIC_HOOK(bits, exchange, __atomic_exchange_n)                                           \
    HOOK uint##bits##_t __tsan_atomic##bits##_load(const volatile void *p, int) {                   \
        check_access(const_cast<void *>(p), bits / 8, kAtomic, PC);                                 \
        return __atomic_load_n(static_cast<const volatile uint##bits##_t *>(p), __ATOMIC_SEQ_CST);  \
    }                                                                                               \
    HOOK int __tsan_atomic##bits##_compare_exchange_strong(volatile void *p, void *expected, uint##bits##_t x, int, int) { \
        check_access(const_cast<void *>(p), sizeof x, kAtomic, PC);                                 \
        return __atomic_compare_exchange_n(static_cast<volatile uint##bits##_t *>(p), static_cast<uint##bits##_t *>(expected), x, \
                                           false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);              \
    }
UDML_ATOMIC_HOOKS(32)
UDML_ATOMIC_HOOKS(64)

HOOK void __tsan_atomic_thread_fence(int) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (current()) current()->block.check.fenced = true;
}

// The data that g++ passes to the undefined-behaviour hooks.
struct SourcePlace {
    const char *file;
    uint32_t line, column;
};

HOOK void __ubsan_handle_out_of_bounds(SourcePlace *place, uintptr_t index) {
    char text[96];
    snprintf(text, sizeof text, "array index out of bounds: %lld", static_cast<long long>(index));
    fail(current(), kIllegalAddress, {place->file, static_cast<int>(place->line)}, text);
}

HOOK void __ubsan_handle_type_mismatch_v1(SourcePlace *place, uintptr_t address) {
    char text[96];
    snprintf(text, sizeof text, "misaligned address %#lx", static_cast<unsigned long>(address));
    fail(current(), kMisalignedAddress, {place->file, static_cast<int>(place->line)}, text);
}

namespace udml {

// Only a failing launch comes here, so that a process of its own for the look-up does not matter. Without addr2line the
// place is the offset in the library.
Site place_of(const void *pc) {
    uintptr_t offset = reinterpret_cast<uintptr_t>(pc) - 1 - checked.image_low;
    char command[1024], line[1024] = "";
    snprintf(command, sizeof command, "addr2line -e '%s' %#lx 2>/dev/null", checked.image_name, static_cast<unsigned long>(offset));
    if (FILE *answer = popen(command, "r")) {
        if (!fgets(line, sizeof line, answer)) line[0] = 0;
        pclose(answer);
    }
    char *colon = strrchr(line, ':');
    if (!colon || line[0] == '?') return {"the library's offset", static_cast<int>(offset)};
    *colon = 0;
    return {strdup(line), atoi(colon + 1)};  // the process is about to fail; the text is not freed
}

}  // namespace udml
