// Inside the check build: the launch as the checks see it, and the functions that the hooks call.
#pragma once
#include "block.h"

namespace udml {

struct CheckedLaunch {
    Memory memory;
    Cell *cells;  // of all device memory
    uint32_t first_block;
    uintptr_t image_low, image_high;  // this library
    const char *image_name;
};

extern CheckedLaunch checked;

// check_access ends the launch when an access is out of bounds or in a race. pc is where the kernel made it.
void check_access(const void *address, size_t bytes, AccessKind kind, const void *pc);

// place_of finds the line of the source that a kernel's instruction comes from.
Site place_of(const void *pc);

}  // namespace udml
