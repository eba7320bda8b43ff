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

enum AccessKind { kRead, kWrite, kAtomic, kArriving };  // the last: cp_async has been asked to write here

// Cell is the history of four bytes of memory: the last write, and two threads that have read since. Further
// readers are not recorded, which can hide a race but not invent one.
struct Cell {
    Access write, read[2];
};

struct CheckedWorker {
    Cell *dynamic_cells, *static_cells;
    // For each thread, how many __syncwarp of each lane of its warp are known to be over, since the last barrier.
    uint16_t (*seen)[32];
};

struct CheckedBlock {
    uint32_t number;
    uint16_t barriers;
    bool atomics, fenced;  // it has done an atomic on global memory; a __threadfence
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

#else

constexpr bool kChecked = false;
inline void check_worker(Worker *) {}
inline void start_checked_launch(const Launch *) {}
inline void check_block(Worker *) {}
inline void check_barrier(Worker *) {}
inline void check_warp(Worker *, int, unsigned) {}
inline void check_start_of(const Copy &) {}
inline void check_landing(const Copy &) {}

#endif

}  // namespace udml
