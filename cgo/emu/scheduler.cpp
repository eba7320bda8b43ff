// Runs one block: starts its threads as fibers, decides which goes on, and sees when none can.
//
// Priority belongs to warps. A warp that can run always runs before all of lower rank, so that one warp gets far ahead
// of the others: that finds a missing barrier, where taking turns, even at random, does not.
#include "block.h"

__thread uint3 udml_thread_index, udml_block_index, udml_block_dim, udml_grid_dim;

namespace udml {

__thread Worker *running_worker;

static uint64_t mix(uint64_t x) {  // splitmix64
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

// pick is the thread that goes on, or null when none can.
static Fiber *pick(Worker *worker) {
    Block *block = &worker->block;
    if (!block->ready_ranks) land_copies(worker);
    if (!block->ready_ranks) return nullptr;
    int number = block->warp_of_rank[__builtin_ctz(block->ready_ranks)];
    Warp *warp = &block->warp[number];
    int lane = warp->descending ? 31 - __builtin_clz(warp->ready) : __builtin_ctz(warp->ready);
    warp->ready &= ~(1u << lane);
    if (!warp->ready) block->ready_ranks &= ~(1u << warp->rank);
    return &block->fiber[number * kWarp + lane];
}

static void finish(Worker *worker, Fiber *fiber) {
    Block *block = &worker->block;
    int thread = thread_number(block, fiber);
    Warp *warp = &block->warp[thread / kWarp];
    fiber->state = kFinished;
    warp->alive &= ~(1u << thread % kWarp);
    block->alive--;
    leave_barrier_if_full(worker);
    if (warp->waiting) complete_collectives(worker, warp);
}

static void enter(Worker *worker, Fiber *fiber) {
    worker->running = fiber;
    udml_thread_index = fiber->index;
}

// fiber_main runs threads to their end, one after the other on the same stack: a kernel without barriers never switches.
static void fiber_main() {
    Worker *worker = running_worker;
    Block *block = &worker->block;
    const Kernel *kernel = block->launch->kernel;
    for (;;) {
        Fiber *fiber = worker->running;
        fiber->state = kReady;
        kernel->call(kernel->body, block->launch->slots);
        char *stack = fiber->stack;
        finish(worker, fiber);
        Fiber *next = block->alive ? pick(worker) : nullptr;
        if (next && next->state == kNew) {
            next->stack = stack;
            enter(worker, next);
            continue;
        }
        worker->idle[worker->idle_count++] = stack;
        if (next) enter(worker, next);
        udml_switch(&fiber->sp, next ? next->sp : worker->scheduler_sp);
    }
}

// Tops lie at different places of the page: equal ones would compete for the same few cache lines.
static void give_stack(Worker *worker, Fiber *fiber) {
    fiber->stack = worker->idle[--worker->idle_count];
    size_t number = static_cast<size_t>(fiber->stack - worker->stacks) / kStackBytes;
    void **top = reinterpret_cast<void **>(fiber->stack + kStackBytes - 64 - number % 20 * 192);
    *--top = nullptr;
    *--top = reinterpret_cast<void *>(fiber_main);
    fiber->sp = top - 6;  // the six registers that udml_switch takes off
}

static void go_on(Worker *worker, void **save) {
    Fiber *next = pick(worker);
    if (!next) {
        udml_switch(save, worker->scheduler_sp);
        return;
    }
    if (next->state == kNew) give_stack(worker, next);
    if (save == &next->sp) {  // the caller itself has become the first in rank again
        enter(worker, next);
        return;
    }
    enter(worker, next);
    udml_switch(save, next->sp);
}

void suspend(Worker *worker) { go_on(worker, &worker->running->sp); }

static void order_warps(Block *block, uint64_t seed) {
    uint64_t state = mix(seed * 0x9e3779b97f4a7c15 ^ block->linear);
    for (int i = 0; i < block->warps; i++) block->warp_of_rank[i] = i;
    for (int i = block->warps - 1; seed && i > 0; i--) {
        state = mix(state);
        int j = static_cast<int>(state % static_cast<uint64_t>(i + 1)), held = block->warp_of_rank[i];
        block->warp_of_rank[i] = block->warp_of_rank[j];
        block->warp_of_rank[j] = held;
    }
    for (int i = 0; i < block->warps; i++) {
        Warp *warp = &block->warp[block->warp_of_rank[i]];
        warp->rank = i;
        warp->descending = seed && mix(state + static_cast<uint64_t>(i)) & 1;
    }
}

static void lay_out(Worker *worker, const Launch *launch, uint64_t linear) {
    Block *block = &worker->block;
    const unsigned *grid = launch->grid, *dim = launch->block;
    block->launch = launch;
    block->linear = linear;
    block->index.x = static_cast<unsigned>(linear % grid[0]);
    block->index.y = static_cast<unsigned>(linear / grid[0] % grid[1]);
    block->index.z = static_cast<unsigned>(linear / grid[0] / grid[1]);
    block->threads = block->alive = static_cast<int>(dim[0] * dim[1] * dim[2]);
    block->warps = (block->threads + kWarp - 1) / kWarp;
    block->arrived = block->votes = 0;
    block->failed = false;
    block->ready_ranks = 0;
    for (int i = 0; i < block->warps; i++) block->warp[i] = {};
    order_warps(block, launch->seed);
    start_async(block);
    int thread = 0;
    for (unsigned z = 0; z < dim[2]; z++)
        for (unsigned y = 0; y < dim[1]; y++)
            for (unsigned x = 0; x < dim[0]; x++, thread++) {
                Fiber *fiber = &block->fiber[thread];
                fiber->state = kNew;
                fiber->index = {x, y, z};
                fiber->copies.clear();
                block->warp[thread / kWarp].alive |= 1u << thread % kWarp;
            }
    for (int i = 0; i < block->warps; i++) make_ready(block, &block->warp[i], block->warp[i].alive);
    worker->idle_count = block->threads;
    for (int i = 0; i < block->threads; i++) worker->idle[i] = worker->stacks + static_cast<size_t>(i) * kStackBytes;
}

// The variables of the running block lie in thread-local storage, as shared memory does, so that poisoning it erases them.
static void set_indices(Worker *worker, const Launch *launch) {
    running_worker = worker;
    udml_block_index = worker->block.index;
    udml_block_dim = {launch->block[0], launch->block[1], launch->block[2]};
    udml_grid_dim = {launch->grid[0], launch->grid[1], launch->grid[2]};
}

void run_block(Worker *worker, const Launch *launch, uint64_t linear) {
    poison_shared(worker, launch);
    lay_out(worker, launch, linear);
    set_indices(worker, launch);
    check_block(worker);
    go_on(worker, &worker->scheduler_sp);
    Block *block = &worker->block;
    if (!block->failed && block->alive) report_stuck(block);
    else if (!block->failed) check_left_behind(worker);
}

}  // namespace udml
