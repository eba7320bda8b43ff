// The check build's state for each worker and block, and the calls by which the rest keeps it. The plain build has neither:
// kChecked is false and the calls are empty.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace udml {

struct Block;
struct Worker;
struct Launch;

constexpr int kMostThreads = 1024, kMostMbarriers = 64;  // of a block
constexpr int kClockSize = kMostThreads + kMostMbarriers;

// Copy is one asynchronous copy that a thread has asked for and not yet waited for.
struct Copy {
    void *shared;
    const void *global;
    int bytes;
    bool valid;
    int group;
};

struct CopyQueue {
    std::vector<Copy> pending;
    int committed = 0;

    void clear() {
        if (!pending.empty()) pending.clear();
        committed = 0;
    }
};

// Access is one thread's read or write of four bytes.
struct Access {
    uint32_t block;       // the block's number among all that ran; 0 is none
    uint16_t barriers;    // how many barriers the block had passed
    uint16_t warp_syncs;  // how many __syncwarp the thread had passed since the last of them
    uint16_t thread;
    uint8_t bytes;  // which of the four
    uint8_t kind;   // an AccessKind
};

// kArriving: cp_async has been asked to write here; kInFlight: a bulk copy has; kLanded: it has done so; kOperand: a wgmma's read.
enum AccessKind { kRead, kWrite, kAtomic, kArriving, kInFlight, kLanded, kOperand };

// Clock is what a synchronisation object hands on: for each thread of the block, how many of its synchronisations are over,
// and for each mbarrier, as of a thread of its own, how many of its bulk copies have landed.
struct Clock {
    std::vector<uint16_t> seen;
    uint16_t barriers = 0;  // how many barriers of the whole block came before
};

// Cell is the history of four bytes of memory: the last write, and two threads that have read since. Further
// readers are not recorded, which can hide a race but not invent one.
struct Cell {
    Access write, read[2];
};

struct CheckedWorker {
    Cell *dynamic_cells, *static_cells;
    // For each thread, how many __syncwarp of each lane of its warp are known to be over, since the last barrier.
    uint16_t (*seen)[32];
    // The same for all threads of the block and its mbarriers, in blocks that synchronise by mbarriers and named barriers.
    uint16_t (*across)[kClockSize];
};

struct CheckedBlock {
    uint32_t number;
    uint16_t barriers;
    bool atomics, fenced;  // it has done an atomic on global memory; a __threadfence
    bool across;           // it has an mbarrier, or a named barrier
};

#ifdef UDML_CHECK

constexpr bool kChecked = true;
void check_worker(Worker *worker);
void start_checked_launch(const Launch *launch);
void check_block(Worker *worker);
void check_barrier(Worker *worker);
void check_warp(Worker *worker, int first, unsigned group);
void check_start_of(const Copy &copy);
void check_landing(const Copy &copy);
void check_publish(Worker *worker, int thread, Clock *clock);
void check_acquire(Worker *worker, int thread, const Clock &clock);
void check_mbarrier(Worker *worker, const void *at, AccessKind kind);
void check_bulk_start(void *shared, const void *global, size_t bytes);
void check_bulk_landed(Worker *worker, void *shared, size_t bytes, int mbarrier, Clock *clock);
void check_operand(Worker *worker, const void *at, size_t bytes, int thread);
void check_operands_done(Worker *worker, int first);

#else

constexpr bool kChecked = false;
inline void check_worker(Worker *) {}
inline void start_checked_launch(const Launch *) {}
inline void check_block(Worker *) {}
inline void check_barrier(Worker *) {}
inline void check_warp(Worker *, int, unsigned) {}
inline void check_start_of(const Copy &) {}
inline void check_landing(const Copy &) {}
inline void check_publish(Worker *, int, Clock *) {}
inline void check_acquire(Worker *, int, const Clock &) {}
inline void check_mbarrier(Worker *, const void *, AccessKind) {}
inline void check_bulk_start(void *, const void *, size_t) {}
inline void check_bulk_landed(Worker *, void *, size_t, int, Clock *) {}
inline void check_operand(Worker *, const void *, size_t, int) {}
inline void check_operands_done(Worker *, int) {}

#endif

}  // namespace udml
