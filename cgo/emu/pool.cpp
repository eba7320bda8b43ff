// Workers take the blocks of a launch one by one. They are threads of this library, not the caller's: those of a Go
// program come and go, and each would need stacks and shared memory of its own.
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <atomic>

#include "block.h"

namespace udml {

static struct Pool {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t wake = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
    const Launch *launch = nullptr;
    uint64_t round = 0;  // counts launches, so that a worker takes part in each once
    int workers = 0, busy = 0;
    uint64_t blocks = 0, first = 0, step = 1;
    std::atomic<uint64_t> next{0};
    std::atomic<int> outcome{kDone};
} pool;

bool claim_failure(Outcome outcome) {
    int none = kDone;
    return pool.outcome.compare_exchange_strong(none, outcome);
}

static void run_blocks(Worker *worker, const Launch *launch) {
    for (;;) {
        uint64_t i = pool.next.fetch_add(1);
        if (i >= pool.blocks || pool.outcome.load() != kDone) return;
        run_block(worker, launch, (pool.first + i % pool.blocks * pool.step) % pool.blocks);
    }
}

static Worker *new_worker() {
    Worker *worker = new Worker();
    size_t bytes = kMaxThreads * kStackBytes;
    void *stacks = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED) {
        perror("udml emulator: stacks of the threads of a block");
        abort();
    }
    worker->stacks = static_cast<char *>(stacks);
    prepare_shared(worker);
    check_worker(worker);
    return worker;
}

static void *work(void *) {
    Worker *worker = new_worker();
    uint64_t seen = 0;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (pool.round == seen) pthread_cond_wait(&pool.wake, &pool.lock);
        seen = pool.round;
        const Launch *launch = pool.launch;
        if (!launch) continue;  // the others have finished it already
        pool.busy++;
        pthread_mutex_unlock(&pool.lock);
        run_blocks(worker, launch);
        pthread_mutex_lock(&pool.lock);
        if (--pool.busy == 0) pthread_cond_signal(&pool.done);
    }
    return nullptr;
}

static int cores() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set);
}

// Signals are for the program's own threads: a Go runtime does not know these.
static void start_workers() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pool.workers = cores();
    for (int i = 0; i < pool.workers; i++) {
        pthread_t thread;
        if (pthread_create(&thread, nullptr, work, nullptr) != 0) abort();
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

static uint64_t common_divisor(uint64_t a, uint64_t b) { return b ? common_divisor(b, a % b) : a; }

// With a seed, blocks go in another order: from `first`, by a step that meets each of them once.
static void order_blocks(const Launch *launch) {
    pool.blocks = static_cast<uint64_t>(launch->grid[0]) * launch->grid[1] * launch->grid[2];
    pool.first = 0;
    pool.step = 1;
    if (!launch->seed) return;
    pool.first = launch->seed * 7919 % pool.blocks;
    pool.step = launch->seed * 104729 % pool.blocks + 1;
    while (common_divisor(pool.step, pool.blocks) != 1) pool.step++;
}

// run waits until all blocks are done and no worker looks at the launch any more.
static int run(const Launch *launch) {
    pthread_mutex_lock(&pool.lock);
    if (!pool.workers) start_workers();
    order_blocks(launch);
    pool.next = 0;
    pool.outcome = kDone;
    pool.launch = launch;
    pool.round++;
    if (pool.blocks > 1) pthread_cond_broadcast(&pool.wake);
    else pthread_cond_signal(&pool.wake);
    do pthread_cond_wait(&pool.done, &pool.lock);
    while (pool.busy || (pool.next.load() < pool.blocks && pool.outcome.load() == kDone));
    pool.launch = nullptr;
    int outcome = pool.outcome.load();
    pthread_mutex_unlock(&pool.lock);
    return outcome;
}

}  // namespace udml

// udml_run_kernel runs a whole grid. The driver calls it from one thread at a time.
extern "C" __attribute__((visibility("default"))) int udml_run_kernel(const udml::Launch *launch) {
    udml::start_checked_launch(launch);
    return udml::run(launch);
}
