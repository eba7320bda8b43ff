// A block while it runs: one fiber a thread, 32 fibers a warp, all on one worker, a thread of the operating system.
#pragma once
#include "emu.h"
#include "launch.h"
#include "check.h"

extern "C" void udml_switch(void **save, void *load);

namespace udml {

constexpr int kWarp = 32, kMaxWarps = 32, kMaxThreads = kWarp * kMaxWarps;

// Kernels have no recursion and build.sh refuses frames above 8 KiB, so that this is enough for a few nested calls.
// Guard pages between stacks would split one mapping into thousands, more than the system allows.
constexpr size_t kStackBytes = 64 << 10;

// The most dynamic shared memory a block can ask for (compute capability 9.0).
constexpr size_t kMaxShared = 227 << 10;

struct Site {
    const char *file;
    int line;
};

// Request is a lane's part in a warp collective, on that lane's stack while it waits.
struct Request {
    Collective kind;
    unsigned mask;
    Site site;
    int operation, operand, width;  // the kind of shuffle or reduction, its second argument, the shuffle's width
    uint64_t bits;                  // the value given, then the result
    float *d;                       // mma: accumulators
    const uint32_t *a, *b;          // mma: operands
    uint32_t *r;                    // ldmatrix: where the result goes
    const uint4 *row;               // ldmatrix: the row this lane read
};

enum State { kNew, kReady, kInBarrier, kInCollective, kFinished };

struct Fiber {
    void *sp;
    char *stack;
    uint3 index;
    State state;
    Site site;         // of the barrier it waits in
    Request *request;  // of the collective it waits in
    CopyQueue copies;
};

struct Warp {
    unsigned ready, waiting, alive;  // lanes that can run, that wait in a collective, that have not returned
    int rank;                        // place in the order of priority
    bool descending;                 // the highest ready lane runs first
};

struct Worker;

struct Block {
    const Launch *launch;
    uint3 index;
    uint64_t linear;
    int threads, warps, alive;
    int arrived;  // threads in the barrier
    BarrierKind barrier_kind;
    Site barrier_site;
    int votes, verdict;      // threads in the barrier with a true predicate; the last barrier's result
    unsigned ready_ranks;    // which ranks have a lane that can run
    int warp_of_rank[kMaxWarps];
    bool failed;
    Warp warp[kMaxWarps];
    Fiber fiber[kMaxThreads];
    CheckedBlock check;
};

struct Worker {
    Block block;
    Fiber *running;
    void *scheduler_sp;
    char *stacks;            // kMaxThreads of them
    char *idle[kMaxThreads];  // stacks no fiber uses; the last returned is taken first, because it is in the cache
    int idle_count;
    unsigned char *shared;   // dynamic shared memory
    char *static_base;       // static shared memory
    size_t static_bytes;
    struct Footprints *footprints;  // which parts of it each kernel writes
    CheckedWorker check;
};

// current is the worker of the calling thread.
extern __thread Worker *running_worker;
inline Worker *current() { return running_worker; }

void run_block(Worker *worker, const Launch *launch, uint64_t linear);

// suspend lets another thread of the block run until the caller is ready again.
void suspend(Worker *worker);

// make_ready lets these lanes of a warp go on.
inline void make_ready(Block *block, Warp *warp, unsigned lanes) {
    warp->ready |= lanes;
    block->ready_ranks |= 1u << warp->rank;
}
void leave_barrier_if_full(Worker *worker);
void complete_collectives(Worker *worker, Warp *warp);

// fail ends the launch: prints the report, once a launch, and never returns to the kernel.
[[noreturn]] void fail(Worker *worker, Outcome outcome, const char *what);
[[noreturn]] void fail(Worker *worker, Outcome outcome, Site site, const char *what);
[[noreturn]] void fail(Worker *worker, Outcome outcome, Site site, const char *what, Site other);
void report_stuck(Block *block);

// prepare_shared finds a new worker's shared memory; poison_shared fills it with NaN before each block.
void prepare_shared(Worker *worker);
void poison_shared(Worker *worker, const Launch *launch);

// load_matrix and multiply are ldmatrix and mma, for the requests of a whole warp.
void load_matrix(Request *const lanes[kWarp]);
void multiply(Request *const lanes[kWarp]);

inline int thread_number(const Block *block, const Fiber *fiber) { return static_cast<int>(fiber - block->fiber); }

}  // namespace udml
