// mbarriers with transaction counts, and the bulk copies that complete on them. The plain build copies at once. The check build
// copies as late as it can: when no thread can go on and one waits for the copy's mbarrier.
#include <stdio.h>
#include <string.h>

#include "block.h"

namespace udml {

constexpr int kMostArrivals = (1 << 20) - 1, kMostBytes = (1 << 20) - 1;  // of a phase (PTX ISA, "mbarrier")

static Mbarrier *find(Worker *worker, const uint64_t *at, Site site) {
    for (Mbarrier &one : worker->block.async.mbarriers)
        if (one.at == at) return &one;
    fail(worker, kLaunchFailed, site, "an mbarrier that is not initialised");
}

static int number_of(const Block *block, const Mbarrier *barrier) { return static_cast<int>(barrier - block->async.mbarriers.data()); }

// finish_phase begins the next phase, if all have arrived and all bytes are there, and wakes who waited for this one.
static void finish_phase(Block *block, Mbarrier *barrier) {
    if (barrier->pending || barrier->bytes) return;
    int number = number_of(block, barrier);
    unsigned parity = barrier->phase & 1;
    barrier->pending = barrier->expected;
    barrier->phase++;
    if (kChecked) barrier->over = barrier->arriving;
    for (int i = 0; i < block->threads; i++) {
        const Fiber &fiber = block->fiber[i];
        if (fiber.state == kInMbarrier && fiber.waits_for == number && fiber.parity == parity) wake(block, i);
    }
}

static void add_bytes(Worker *worker, Mbarrier *barrier, int bytes, Site site) {
    barrier->bytes += bytes;
    if (barrier->bytes > kMostBytes || barrier->bytes < -kMostBytes)
        fail(worker, kLaunchFailed, site, "an mbarrier's count of bytes is beyond 2^20 - 1");
}

static void land(Worker *worker, const BulkCopy &copy) {
    Mbarrier *barrier = &worker->block.async.mbarriers[static_cast<size_t>(copy.mbarrier)];
    memcpy(copy.shared, copy.global, static_cast<size_t>(copy.bytes));
    check_bulk_landed(worker, copy.shared, static_cast<size_t>(copy.bytes), copy.mbarrier, &barrier->arriving);
    barrier->bytes -= copy.bytes;
    finish_phase(&worker->block, barrier);
}

static bool awaited(const Block *block, int mbarrier) {
    for (int i = 0; i < block->threads; i++)
        if (block->fiber[i].state == kInMbarrier && block->fiber[i].waits_for == mbarrier) return true;
    return false;
}

void land_copies(Worker *worker) {
    auto &copies = worker->block.async.copies;
    for (size_t i = 0; i < copies.size();) {
        if (!awaited(&worker->block, copies[i].mbarrier)) {
            i++;
            continue;
        }
        BulkCopy copy = copies[i];
        copies.erase(copies.begin() + static_cast<long>(i));
        land(worker, copy);
    }
}

void check_left_behind(Worker *worker) {
    Block *block = &worker->block;
    if (block->async.copies.empty()) return;
    report_left_behind(block, "the block has ended before a bulk copy that it did not wait for");
}

void add_mbarrier_state(const Block *block, int number, char *text, size_t size) {
    const Mbarrier &barrier = block->async.mbarriers[static_cast<size_t>(number)];
    snprintf(text, size, "mbarrier %d, whose phase %u lacks %d arrivals and %d bytes,", number, barrier.phase, barrier.pending,
             barrier.bytes);
}

// A bulk copy takes 16-byte units, all three numbers (PTX ISA, "cp.async.bulk").
static void check_units(Worker *worker, const BulkCopy &copy, Site site) {
    uintptr_t both = reinterpret_cast<uintptr_t>(copy.shared) | reinterpret_cast<uintptr_t>(copy.global);
    if (both % 16) fail(worker, kMisalignedAddress, site, "a bulk copy from or to an address that is no multiple of 16");
    if (copy.bytes <= 0 || copy.bytes % 16) fail(worker, kMisalignedAddress, site, "a bulk copy of no multiple of 16 bytes");
}

}  // namespace udml

using namespace udml;

void udml_mbarrier_init(uint64_t *at, int arrivals, const char *file, int line) {
    Worker *worker = current();
    auto &all = worker->block.async.mbarriers;
    Site site = {file, line};
    if (reinterpret_cast<uintptr_t>(at) % 8) fail(worker, kMisalignedAddress, site, "an mbarrier at an address that is no multiple of 8");
    for (const Mbarrier &one : all)
        if (one.at == at) fail(worker, kLaunchFailed, site, "an mbarrier that is initialised twice");
    if (arrivals < 1 || arrivals > kMostArrivals)
        fail(worker, kLaunchFailed, site, "an mbarrier for less than 1 or more than 2^20 - 1 arrivals");
    if (all.size() == kMostMbarriers) fail(worker, kLaunchFailed, site, "more than 64 mbarriers in a block, for which the emulated device has no room");
    check_mbarrier(worker, at, kWrite);
    all.push_back({at, arrivals, arrivals, 0, 0, {}, {}});
}

void udml_mbarrier_arrive(uint64_t *at, int bytes, const char *file, int line) {
    Worker *worker = current();
    Site site = {file, line};
    check_mbarrier(worker, at, kRead);
    Mbarrier *barrier = find(worker, at, site);
    if (!barrier->pending) fail(worker, kLaunchFailed, site, "more arrivals at an mbarrier than its phase has");
    add_bytes(worker, barrier, bytes, site);
    check_publish(worker, thread_number(&worker->block, worker->running), &barrier->arriving);
    barrier->pending--;
    finish_phase(&worker->block, barrier);
}

// A thread that is so late that the phase after its own is over too waits on, as it does on a GPU.
void udml_mbarrier_wait(uint64_t *at, unsigned parity, const char *file, int line) {
    Worker *worker = current();
    Block *block = &worker->block;
    Fiber *fiber = worker->running;
    check_mbarrier(worker, at, kRead);
    int number = number_of(block, find(worker, at, {file, line}));
    while ((block->async.mbarriers[static_cast<size_t>(number)].phase & 1) == parity) {
        fiber->state = kInMbarrier;
        fiber->waits_for = number;
        fiber->parity = parity;
        fiber->site = {file, line};
        suspend(worker);
    }
    check_acquire(worker, thread_number(block, fiber), block->async.mbarriers[static_cast<size_t>(number)].over);
}

void udml_bulk_copy(void *shared, const void *global, int bytes, uint64_t *mbarrier, const char *file, int line) {
    Worker *worker = current();
    Mbarrier *barrier = find(worker, mbarrier, {file, line});
    BulkCopy copy = {shared, global, bytes, number_of(&worker->block, barrier)};
    check_units(worker, copy, {file, line});
    if (!kChecked) {
        land(worker, copy);
        return;
    }
    check_bulk_start(shared, global, static_cast<size_t>(bytes));
    worker->block.async.copies.push_back(copy);
}
