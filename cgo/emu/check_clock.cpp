// What threads know of one another through mbarriers and named barriers. A thread that hands on (an arrival) adds all that it
// knows to the object's clock, and that it has come so far itself; one that waits takes all of it. The bulk copies of an
// mbarrier count as one more thread, which only those know that wait for it.
#include <string.h>

#include "check_state.h"

namespace udml {

// begin_across starts the block's table when its first object is made; until then its threads know their warps alone.
static void begin_across(Worker *worker) {
    Block *block = &worker->block;
    if (block->check.across) return;
    block->check.across = true;
    memset(worker->check.across, 0, static_cast<size_t>(block->threads) * sizeof *worker->check.across);
}

// renew empties a clock from before the last barrier of the block: that has ordered all it says.
static void renew(const Worker *worker, Clock *clock) {
    uint16_t now = worker->block.check.barriers;
    if (!clock->seen.empty() && clock->barriers == now) return;
    clock->seen.assign(kClockSize, 0);
    clock->barriers = now;
}

static void raise(uint16_t *to, uint16_t value) {
    if (value > *to) *to = value;
}

static void join(const Block *block, uint16_t *to, const uint16_t *from) {
    for (int i = 0; i < block->threads; i++) raise(to + i, from[i]);
    for (size_t i = kMaxThreads; i < kMaxThreads + block->async.mbarriers.size(); i++) raise(to + i, from[i]);
}

void check_publish(Worker *worker, int thread, Clock *clock) {
    begin_across(worker);
    renew(worker, clock);
    uint16_t *warp = worker->check.seen[thread];
    warp[thread % kWarp]++;
    join(&worker->block, clock->seen.data(), worker->check.across[thread]);
    for (int i = 0; i < kWarp; i++) raise(&clock->seen[static_cast<size_t>(thread / kWarp * kWarp + i)], warp[i]);
}

void check_acquire(Worker *worker, int thread, const Clock &clock) {
    if (clock.seen.empty() || clock.barriers != worker->block.check.barriers) return;
    begin_across(worker);
    join(&worker->block, worker->check.across[thread], clock.seen.data());
    for (int i = 0; i < kWarp; i++)
        raise(worker->check.seen[thread] + i, clock.seen[static_cast<size_t>(thread / kWarp * kWarp + i)]);
}

void check_warp_across(Worker *worker, int first, unsigned group) {
    uint16_t joined[kClockSize] = {};
    for (unsigned rest = group; rest; rest &= rest - 1) join(&worker->block, joined, worker->check.across[first + __builtin_ctz(rest)]);
    for (unsigned rest = group; rest; rest &= rest - 1) join(&worker->block, worker->check.across[first + __builtin_ctz(rest)], joined);
}

// An mbarrier is written once, when it is initialised; its users must have synchronised with that.
void check_mbarrier(Worker *, const void *at, AccessKind kind) { check_access(at, sizeof(uint64_t), kind, nullptr); }

void check_bulk_start(void *shared, const void *global, size_t bytes) {
    check_access(global, bytes, kRead, nullptr);
    check_access(shared, bytes, kInFlight, nullptr);
}

// A copy that has landed is written by the mbarrier's copies, whose count its next phase hands on.
void check_bulk_landed(Worker *worker, void *shared, size_t bytes, int mbarrier, Clock *clock) {
    renew(worker, clock);
    uint16_t &landed = clock->seen[static_cast<size_t>(kMaxThreads + mbarrier)];
    Cell *cell = cells_of(worker, shared);
    for (size_t i = 0; i < bytes / 4; i++) {
        Access &write = cell[i].write;
        write.kind = kLanded;
        write.thread = static_cast<uint16_t>(kMaxThreads + mbarrier);
        write.barriers = worker->block.check.barriers;
        write.warp_syncs = landed;
    }
    landed++;
}

void check_operand(Worker *, const void *at, size_t bytes, int thread) { check_access_of(thread, at, bytes, kOperand, nullptr); }

// The reads of a product are recorded as those of a warp's first lane; when the product is over, each lane of the warp knows it.
void check_operands_done(Worker *worker, int first) {
    uint16_t now = ++worker->check.seen[first][0];
    for (int lane = 1; lane < kWarp; lane++) worker->check.seen[first + lane][0] = now;
}

}  // namespace udml
