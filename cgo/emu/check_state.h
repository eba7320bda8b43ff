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

// cells_of is the history of an address in shared memory, from the four bytes on that it lies in.
Cell *cells_of(const Worker *worker, const void *shared);

// check_access ends the launch when an access is out of bounds or in a race. pc is where the kernel made it.
void check_access(const void *address, size_t bytes, AccessKind kind, const void *pc);
void check_access_of(int thread, const void *address, size_t bytes, AccessKind kind, const void *pc);

// check_warp_across is check_warp for what the lanes know of other warps and of mbarriers.
void check_warp_across(Worker *worker, int first, unsigned group);

// place_of finds the line of the source that a kernel's instruction comes from.
Site place_of(const void *pc);

}  // namespace udml
