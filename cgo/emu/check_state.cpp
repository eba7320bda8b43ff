// The check build's memory of accesses: a cell for every four bytes of shared and global memory, and which
// synchronisations each thread knows to be over.
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check_state.h"

namespace udml {

CheckedLaunch checked;

// The system gives the pages when they are touched; most never are.
static void *reserve(size_t bytes) {
    void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p != MAP_FAILED) return p;
    perror("udml emulator: memory of the check build");
    abort();
}

static Cell *cells_for(size_t bytes) { return static_cast<Cell *>(reserve(bytes / 4 * sizeof(Cell) + sizeof(Cell))); }

void check_worker(Worker *worker) {
    worker->check.dynamic_cells = cells_for(kMaxShared);
    worker->check.static_cells = cells_for(worker->static_bytes);
    worker->check.across = static_cast<uint16_t(*)[kClockSize]>(reserve(kMaxThreads * sizeof *worker->check.across));
    worker->check.seen = static_cast<uint16_t(*)[32]>(reserve(kMaxThreads * sizeof *worker->check.seen));
}

// The kernels' own constants lie in the segments of this library.
static int find_image(dl_phdr_info *info, size_t, void *) {
    uintptr_t inside = reinterpret_cast<uintptr_t>(&checked), low = UINTPTR_MAX, high = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const auto &header = info->dlpi_phdr[i];
        if (header.p_type != PT_LOAD) continue;
        uintptr_t start = info->dlpi_addr + header.p_vaddr;
        if (start < low) low = start;
        if (start + header.p_memsz > high) high = start + header.p_memsz;
    }
    if (inside < low || inside >= high) return 0;
    checked.image_low = low;
    checked.image_high = high;
    checked.image_name = info->dlpi_name;
    return 1;
}

// Block numbers go on from launch to launch, so that the history of earlier launches need not be cleared.
void start_checked_launch(const Launch *launch) {
    static uint32_t next = 1;
    if (!checked.cells) {
        checked.cells = cells_for(launch->memory.bytes);
        dl_iterate_phdr(find_image, nullptr);
    }
    checked.memory = launch->memory;
    checked.first_block = next;
    next += launch->grid[0] * launch->grid[1] * launch->grid[2];
}

static void forget_syncs(Worker *worker) {
    memset(worker->check.seen, 0, static_cast<size_t>(worker->block.threads) * sizeof *worker->check.seen);
    if (!worker->block.check.across) return;
    memset(worker->check.across, 0, static_cast<size_t>(worker->block.threads) * sizeof *worker->check.across);
}

void check_block(Worker *worker) {
    worker->block.check = {checked.first_block + static_cast<uint32_t>(worker->block.linear), 0, false, false, false};
    forget_syncs(worker);
}

void check_barrier(Worker *worker) {
    worker->block.check.barriers++;
    forget_syncs(worker);
}

// After a __syncwarp each lane of the group knows all that any of them knew, and that this one is over for all.
void check_warp(Worker *worker, int first, unsigned group) {
    uint16_t joined[kWarp] = {}, (*seen)[32] = worker->check.seen + first;
    for (unsigned rest = group; rest; rest &= rest - 1) {
        int lane = __builtin_ctz(rest);
        seen[lane][lane]++;
        for (int i = 0; i < kWarp; i++)
            if (seen[lane][i] > joined[i]) joined[i] = seen[lane][i];
    }
    for (unsigned rest = group; rest; rest &= rest - 1) memcpy(seen[__builtin_ctz(rest)], joined, sizeof joined);
    if (worker->block.check.across) check_warp_across(worker, first, group);
}

}  // namespace udml
