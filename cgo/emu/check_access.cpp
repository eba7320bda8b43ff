// Judges one access of a kernel: is it to memory that the kernel may use, and can another thread's access have come
// between? Accesses are ordered by __syncthreads, by __syncwarp within its lanes, and by nothing else. Between blocks
// only atomics order: a block that has done one on global memory, and a __threadfence, may read the writes of others.
#include <stdio.h>

#include "check_state.h"

namespace udml {

struct Place {
    Cell *cell;  // of the four bytes that the access begins in; null where nothing can go wrong
    bool global;
};

[[noreturn]] static void reject(Outcome outcome, const void *pc, const char *what, const void *address, size_t bytes,
                                AccessKind kind, const char *where) {
    static const char *const names[] = {"read", "write", "atomic", "cp_async", "bulk copy", "bulk copy", "read by wgmma"};
    char text[512];
    snprintf(text, sizeof text, "%s: %s of %zu bytes at %p%s", what, names[kind], bytes, address, where);
    if (pc) fail(current(), outcome, place_of(pc), text);
    fail(current(), outcome, text);
}

static uint16_t valid_bytes(size_t unit) { return checked.memory.valid[unit]; }

// describe says how an address lies to the nearest allocation before it, whose guard it may be in.
static void describe(size_t offset, char *text, size_t size) {
    size_t unit = offset / kUnit;
    for (size_t back = 0; back < 3 && back <= unit; back++) {
        size_t here = valid_bytes(unit - back);
        if (!here) continue;
        size_t end = (unit - back) * kUnit + here;
        snprintf(text, size, ", %zu bytes after the end of an allocation of device memory", offset - end);
        return;
    }
    snprintf(text, size, ", in no allocation of device memory");
}

static Place global_place(const char *p, size_t bytes, AccessKind kind, const void *pc) {
    size_t offset = static_cast<size_t>(p - checked.memory.base);
    for (size_t done = 0; done < bytes;) {
        size_t at = offset + done, in_unit = at % kUnit, here = kUnit - in_unit < bytes - done ? kUnit - in_unit : bytes - done;
        if (in_unit + here > valid_bytes(at / kUnit)) {
            char where[96];
            describe(at, where, sizeof where);
            reject(kIllegalAddress, pc, "global memory out of bounds", p, bytes, kind, where);
        }
        done += here;
    }
    return {checked.cells + offset / 4, true};
}

static bool inside(const char *p, const void *base, size_t bytes) {
    uintptr_t at = reinterpret_cast<uintptr_t>(p), start = reinterpret_cast<uintptr_t>(base);
    return at >= start && at < start + bytes;
}

// under_way says whether an address of a thread's own memory is an accumulator of products that it has not waited for.
static bool under_way(const Worker *worker, const char *p) {
    int thread = thread_number(&worker->block, worker->running);
    for (const Sums &sums : worker->block.async.group[thread / kWarpgroup].sums)
        if (sums.under_way && inside(p, sums.of[thread % kWarpgroup], static_cast<size_t>(sums.n) / 2 * sizeof(float))) return true;
    return false;
}

static Place find(Worker *worker, const char *p, size_t bytes, AccessKind kind, const void *pc) {
    if (inside(p, worker->stacks, kMaxThreads * kStackBytes)) {
        if (under_way(worker, p)) reject(kLaunchFailed, pc, "use of an accumulator before wgmma_wait", p, bytes, kind, "");
        return {nullptr, false};
    }
    if (inside(p, checked.memory.base, checked.memory.bytes)) return global_place(p, bytes, kind, pc);
    if (inside(p, worker->shared, kMaxShared)) {
        size_t offset = static_cast<size_t>(p - reinterpret_cast<char *>(worker->shared)), given = worker->block.launch->shared;
        char where[96];
        snprintf(where, sizeof where, ", at %zu of %zu bytes", offset, given);
        if (offset + bytes > given) reject(kIllegalAddress, pc, "dynamic shared memory out of bounds", p, bytes, kind, where);
        return {worker->check.dynamic_cells + offset / 4, false};
    }
    if (inside(p, worker->static_base, worker->static_bytes))
        return {worker->check.static_cells + (p - worker->static_base) / 4, false};
    bool constant = inside(p, reinterpret_cast<void *>(checked.image_low), checked.image_high - checked.image_low);
    if (constant && kind == kRead) return {nullptr, false};
    reject(kIllegalAddress, pc, "illegal address", p, bytes, kind, ", which is neither device nor shared memory");
}

// ordered says whether an access of the same block is over for the calling thread.
static bool ordered(const Worker *worker, const Access &before, int thread) {
    if (before.thread == thread || before.barriers != worker->block.check.barriers) return true;
    if (before.thread / kWarp != thread / kWarp)
        return worker->block.check.across && worker->check.across[thread][before.thread] > before.warp_syncs;
    return worker->check.seen[thread][before.thread % kWarp] > before.warp_syncs;
}

// Blocks reuse the same shared memory, so accesses of earlier blocks do not count.
static bool races(const Worker *worker, const Access &before, const Access &now, bool global) {
    if (before.block < checked.first_block || !(before.bytes & now.bytes)) return false;
    if (before.kind == kAtomic && now.kind == kAtomic) return false;
    const CheckedBlock &block = worker->block.check;
    if (before.block == block.number) return !ordered(worker, before, now.thread);
    return global && !(block.atomics && block.fenced);
}

// remember_read keeps the read in one of two slots; reads by blocks before number `first` no longer matter.
static void remember_read(Cell *cell, const Access &now, uint32_t first) {
    for (Access &slot : cell->read) {
        bool mine = slot.block == now.block && slot.thread == now.thread && slot.barriers == now.barriers;
        bool over = slot.block < first || (slot.block == now.block && slot.barriers != now.barriers);
        if (!mine && !over) continue;
        uint8_t before = mine ? slot.bytes : 0;
        slot = now;
        slot.bytes |= before;
        return;
    }
    cell->read[1] = now;
}

// meet enters an access in a cell; it returns the earlier one that it must not meet, or null.
static const Access *meet(const Worker *worker, Cell *cell, const Access &now, bool global) {
    bool here = cell->write.block == now.block, arriving = here && (cell->write.kind == kArriving || cell->write.kind == kInFlight);
    if (now.kind == kOperand && !(here && cell->write.kind == kLanded)) return &cell->write;
    if (arriving || races(worker, cell->write, now, global)) return &cell->write;
    if (now.kind == kRead || now.kind == kOperand) {
        remember_read(cell, now, global ? checked.first_block : now.block);
        return nullptr;
    }
    for (const Access &slot : cell->read)
        if (races(worker, slot, now, global)) return &slot;
    cell->write = now;
    return nullptr;
}

// Workers share the cells of global memory. The conflicting access is copied out of the lock, because a report does not return.
static bool meet_global(const Worker *worker, Cell *cell, const Access &now, Access *met) {
    static unsigned char locks[4096];
    unsigned char *lock = &locks[static_cast<size_t>(cell - checked.cells) % sizeof locks];
    while (__atomic_test_and_set(lock, __ATOMIC_ACQUIRE)) __builtin_ia32_pause();
    const Access *before = meet(worker, cell, now, true);
    if (before) *met = *before;
    __atomic_clear(lock, __ATOMIC_RELEASE);
    return before;
}

static bool meet_shared(const Worker *worker, Cell *cell, const Access &now, Access *met) {
    const Access *before = meet(worker, cell, now, false);
    if (before) *met = *before;
    return before;
}

[[noreturn]] static void report(const Worker *worker, const Access &before, const Access &now, const void *address,
                                size_t bytes, const void *pc) {
    const unsigned *dim = worker->block.launch->block, *grid = worker->block.launch->grid;
    AccessKind kind = static_cast<AccessKind>(now.kind);
    if (before.kind == kArriving) reject(kLaunchFailed, pc, "use before cp_async_wait", address, bytes, kind, "");
    if (before.kind == kInFlight && before.block == now.block)
        reject(kLaunchFailed, pc, "use before the bulk copy's phase of its mbarrier is over", address, bytes, kind, "");
    if (now.kind == kOperand && !(before.kind == kLanded && before.block == now.block))
        reject(kLaunchFailed, pc, "an operand that no bulk copy has brought", address, bytes, kind, "");
    if (before.thread >= kMaxThreads)
        reject(kLaunchFailed, pc, "race in a block", address, bytes, kind,
               ", where a bulk copy has landed whose mbarrier it did not wait for");
    unsigned thread = before.thread, block = before.block - checked.first_block;
    char where[160];
    snprintf(where, sizeof where, ", which block (%u,%u,%u), thread (%u,%u,%u) has %s without synchronisation between",
             block % grid[0], block / grid[0] % grid[1], block / grid[0] / grid[1], thread % dim[0],
             thread / dim[0] % dim[1], thread / dim[0] / dim[1], before.kind == kRead || before.kind == kOperand ? "read" : "written");
    bool same_block = before.block == now.block;
    reject(kLaunchFailed, pc, same_block ? "race in a block" : "race between blocks", address, bytes, kind, where);
}

// bytes_in is the mask of the bytes of four that lie in [from, to), counted from the first of them.
static uint8_t bytes_in(size_t from, size_t to) {
    return static_cast<uint8_t>((1u << (to < 4 ? to : 4)) - (1u << from));
}

void check_access(const void *address, size_t bytes, AccessKind kind, const void *pc) {
    Worker *worker = current();
    if (!worker) return;  // the library is being loaded
    check_access_of(thread_number(&worker->block, worker->running), address, bytes, kind, pc);
}

void check_access_of(int thread, const void *address, size_t bytes, AccessKind kind, const void *pc) {
    Worker *worker = current();
    Place place = find(worker, static_cast<const char *>(address), bytes, kind, pc);
    if (!place.cell) return;
    CheckedBlock &block = worker->block.check;
    if (kind == kAtomic && place.global) block.atomics = true;
    uint16_t syncs = worker->check.seen[thread][thread % kWarp];
    Access now = {block.number, block.barriers, syncs, static_cast<uint16_t>(thread), 0, static_cast<uint8_t>(kind)}, met;
    size_t start = reinterpret_cast<uintptr_t>(address) % 4, end = start + bytes;
    for (size_t at = 0; at < end; at += 4, place.cell++) {
        now.bytes = bytes_in(at < start ? start - at : 0, end - at);
        bool bad = place.global ? meet_global(worker, place.cell, now, &met) : meet_shared(worker, place.cell, now, &met);
        if (bad) report(worker, met, now, address, bytes, pc);
    }
}

static void check_alignment(const Copy &copy) {
    uintptr_t both = reinterpret_cast<uintptr_t>(copy.shared) | reinterpret_cast<uintptr_t>(copy.global);
    if (both % static_cast<unsigned>(copy.bytes))
        reject(kMisalignedAddress, nullptr, "misaligned cp_async", copy.shared, static_cast<size_t>(copy.bytes), kArriving, "");
}

// A copy reads its source at once and holds its destination until it lands, when the waiting thread has written it.
void check_start_of(const Copy &copy) {
    check_alignment(copy);
    if (copy.valid) check_access(copy.global, static_cast<size_t>(copy.bytes), kRead, nullptr);
    check_access(copy.shared, static_cast<size_t>(copy.bytes), kArriving, nullptr);
}

Cell *cells_of(const Worker *worker, const void *shared) {
    const char *p = static_cast<const char *>(shared);
    if (inside(p, worker->shared, kMaxShared)) return worker->check.dynamic_cells + (p - reinterpret_cast<char *>(worker->shared)) / 4;
    return worker->check.static_cells + (p - worker->static_base) / 4;
}

void check_landing(const Copy &copy) {
    Worker *worker = current();
    Cell *cell = cells_of(worker, copy.shared);
    int thread = thread_number(&worker->block, worker->running);
    for (int i = 0; i < copy.bytes / 4; i++) {
        cell[i].write.kind = kWrite;
        cell[i].write.barriers = worker->block.check.barriers;
        cell[i].write.warp_syncs = worker->check.seen[thread][thread % kWarp];
    }
}

}  // namespace udml
