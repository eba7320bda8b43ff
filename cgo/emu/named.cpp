// Named barriers (bar.sync number, threads), for some of a block's warps; number 0 is __syncthreads, which is in barrier.cpp.
#include "block.h"

namespace udml {

static void check_arguments(Worker *worker, int number, int threads, Site site) {
    if (number < 1 || number >= kNamedBarriers) fail(worker, kLaunchFailed, site, "a named barrier that is not one of 1 to 15");
    if (threads < kWarp || threads % kWarp || threads > worker->block.threads)
        fail(worker, kLaunchFailed, site, "a named barrier for a number of threads that is not that of whole warps of the block");
    const NamedBarrier &barrier = worker->block.async.named[number];
    if (barrier.arrived && barrier.threads != threads)
        fail(worker, kLaunchFailed, site, "a named barrier for another number of threads than those that wait in it", barrier.site);
}

static void release(Worker *worker, int number) {
    Block *block = &worker->block;
    NamedBarrier *barrier = &block->async.named[number];
    barrier->arrived = 0;
    for (int i = 0; i < block->threads; i++) {
        if (block->fiber[i].state != kInNamed || block->fiber[i].waits_for != number) continue;
        check_acquire(worker, i, barrier->clock);
        wake(block, i);
    }
    barrier->clock.seen.clear();
}

}  // namespace udml

using namespace udml;

void udml_named_barrier(int number, int threads, const char *file, int line) {
    Worker *worker = current();
    Fiber *fiber = worker->running;
    check_arguments(worker, number, threads, {file, line});
    NamedBarrier *barrier = &worker->block.async.named[number];
    barrier->threads = threads;
    barrier->site = fiber->site = {file, line};
    fiber->state = kInNamed;
    fiber->waits_for = number;
    check_publish(worker, thread_number(&worker->block, fiber), &barrier->clock);
    if (++barrier->arrived == threads) release(worker, number);
    suspend(worker);
}
