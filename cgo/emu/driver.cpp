// The state of the stand-in driver, and the start of every entry point.
#include "driver.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

namespace udml {

// Never destroyed: a program's other threads may still call while it ends.
Driver &driver = *new Driver();
thread_local std::vector<CUcontext> contexts;

uint64_t setting(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    if (!text || !*text) return otherwise;
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (*end == 0 && errno == 0 && *text != '-') return value;
    fprintf(stderr, "udml emulator: %s is %s, not a number\n", name, text);
    exit(2);
}

Call::Call(bool needs_context) {
    pthread_mutex_lock(&driver.lock);
    if (!driver.initialised) error = CUDA_ERROR_NOT_INITIALIZED;
    else if (driver.failed) error = driver.failed;
    else if (needs_context && (contexts.empty() || !contexts.back())) error = CUDA_ERROR_INVALID_CONTEXT;
    else error = CUDA_SUCCESS;
}

Call::~Call() { pthread_mutex_unlock(&driver.lock); }

CUresult explain(CUresult error, const char *format, ...) {
    fputs("udml emulator: ", stderr);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return error;
}

// At the end of the program no call can fail any more, but overwritten guards can still be reported.
__attribute__((destructor)) static void check_at_exit() {
    if (driver.initialised && !driver.failed) driver.arena.check();
}

// most_shared is the dynamic shared memory that a block may ask for.
static int most_shared() {
    constexpr uint64_t least = 48 << 10, most = 227 << 10;  // what every kernel has; what the workers set aside
    uint64_t bytes = setting("UDML_EMU_SHARED", 99 << 10);
    if (bytes >= least && bytes <= most) return static_cast<int>(bytes);
    fprintf(stderr, "udml emulator: UDML_EMU_SHARED is %lu, not from %lu to %lu\n", bytes, least, most);
    exit(2);
}

}  // namespace udml

using namespace udml;

CUresult cuInit(unsigned flags) {
    if (flags) return CUDA_ERROR_INVALID_VALUE;
    if (uint64_t code = setting("UDML_EMU_FAIL_INIT", 0)) return static_cast<CUresult>(code);
    pthread_mutex_lock(&driver.lock);
    if (!driver.initialised) {
        driver.devices = static_cast<int>(setting("UDML_EMU_DEVICES", 1));
        driver.capability = static_cast<int>(setting("UDML_EMU_SM", 90));
        driver.shared = most_shared();
        driver.seed = setting("UDML_EMU_SEED", 0);
        driver.failing_launch = setting("UDML_EMU_FAIL_LAUNCH", 0);
        for (int i = 0; i < driver.devices; i++) driver.primary.push_back({i, true, 0});
        driver.initialised = driver.arena.open(setting("UDML_EMU_MEMORY", uint64_t{4} << 30));
    }
    bool opened = driver.initialised, any = driver.devices > 0;
    pthread_mutex_unlock(&driver.lock);
    if (!opened) return CUDA_ERROR_OUT_OF_MEMORY;
    return any ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

CUresult cuDriverGetVersion(int *version) {
    if (!version) return CUDA_ERROR_INVALID_VALUE;
    *version = static_cast<int>(setting("UDML_EMU_DRIVER", 13000));
    return CUDA_SUCCESS;
}
