// __syncthreads and its siblings: released when every thread that has not returned is in it.
#include <string.h>

#include "block.h"

namespace udml {

static int verdict(const Block *block) {
    switch (block->barrier_kind) {
    case kCount: return block->votes;
    case kAnyTrue: return block->votes > 0;
    case kAllTrue: return block->votes == block->arrived;
    default: return 0;
    }
}

void leave_barrier_if_full(Worker *worker) {
    Block *block = &worker->block;
    if (block->arrived == 0 || block->arrived < block->alive) return;
    block->verdict = verdict(block);
    block->arrived = block->votes = 0;
    check_barrier(worker);
    for (int i = 0; i < block->threads; i++) {
        if (block->fiber[i].state != kInBarrier) continue;
        block->fiber[i].state = kReady;
        make_ready(block, &block->warp[i / kWarp], 1u << i % kWarp);
    }
}

static bool same_place(Site a, Site b) { return a.line == b.line && (a.file == b.file || !strcmp(a.file, b.file)); }

// A barrier in two places of the source is undefined in CUDA, even where a GPU happens to let it pass.
static void check_place(Worker *worker, Site site, BarrierKind kind) {
    Block *block = &worker->block;
    if (block->arrived == 0) {
        block->barrier_site = site;
        block->barrier_kind = kind;
        return;
    }
    if (same_place(block->barrier_site, site) && block->barrier_kind == kind) return;
    fail(worker, kLaunchFailed, site, "divergent barrier: other threads of the block wait in another", block->barrier_site);
}

}  // namespace udml

int udml_barrier(udml::BarrierKind kind, int predicate, const char *file, int line) {
    udml::Worker *worker = udml::current();
    udml::Block *block = &worker->block;
    udml::check_place(worker, {file, line}, kind);
    worker->running->state = udml::kInBarrier;
    worker->running->site = {file, line};
    block->arrived++;
    block->votes += predicate != 0;
    udml::leave_barrier_if_full(worker);
    udml::suspend(worker);
    return block->verdict;
}
