// A block while it runs: one fiber a thread, 32 fibers a warp, all on one worker, a thread of the operating system.
#pragma once
#include "emu.h"
#include "launch.h"
#include "check.h"
#include "async.h"

extern "C" void udml_switch(void **save, void *load);

namespace udml {

constexpr int kWarp = 32, kMaxThreads = kMostThreads, kMaxWarps = kMaxThreads / kWarp;

// Kernels have no recursion and build.sh refuses frames above 8 KiB, so that this is enough for a few nested calls.
// Guard pages between stacks would split one mapping into thousands, more than the system allows.
constexpr size_t kStackBytes = 64 << 10;

// The most dynamic shared memory a block can ask for (compute capability 9.0).
constexpr size_t kMaxShared = 227 << 10;

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
    uint64_t left, right;           // wgmma: descriptors of the operands
};

enum State { kNew, kReady, kInBarrier, kInCollective, kInWarpgroup, kInNamed, kInMbarrier, kFinished };

struct Fiber {
    void *sp;
    char *stack;
    uint3 index;
    State state;
    Site site;         // of the barrier it waits in
    Request *request;  // of the collective it waits in
    int waits_for;     // the number of the named barrier or mbarrier it waits for
    unsigned parity;   // of the mbarrier's phase
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
    Async async;
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

// wake lets one thread go on.
inline void wake(Block *block, int thread) {
    block->fiber[thread].state = kReady;
    make_ready(block, &block->warp[thread / kWarp], 1u << thread % kWarp);
}
void leave_barrier_if_full(Worker *worker);
void complete_collectives(Worker *worker, Warp *warp);

// fail ends the launch: prints the report, once a launch, and never returns to the kernel.
[[noreturn]] void fail(Worker *worker, Outcome outcome, const char *what);
[[noreturn]] void fail(Worker *worker, Outcome outcome, Site site, const char *what);
[[noreturn]] void fail(Worker *worker, Outcome outcome, Site site, const char *what, Site other);
void report_stuck(Block *block);
void report_left_behind(Block *block, const char *what);

// prepare_shared finds a new worker's shared memory; poison_shared fills it with NaN before each block.
void prepare_shared(Worker *worker);
void poison_shared(Worker *worker, const Launch *launch);

// start_async forgets the last block's mbarriers, named barriers, copies and products; land_copies makes bulk copies that a
// thread waits for, when no thread can go on; check_left_behind reports what nobody waited for.
void start_async(Block *block);
void land_copies(Worker *worker);
void check_left_behind(Worker *worker);
void add_mbarrier_state(const Block *block, int number, char *text, size_t size);

// multiply_group is wgmma; sums [64,n] are read and written. check_operands judges what it reads, for the warpgroup from thread `first` on.
void multiply_group(Worker *worker, const Product &product, float *sums);
void check_operands(Worker *worker, const Product &product, int first, Site site);

// load_matrix and multiply are ldmatrix and mma, for the requests of a whole warp.
void load_matrix(Request *const lanes[kWarp]);
void multiply(Request *const lanes[kWarp]);

inline int thread_number(const Block *block, const Fiber *fiber) { return static_cast<int>(fiber - block->fiber); }

}  // namespace udml
