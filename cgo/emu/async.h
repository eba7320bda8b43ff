// What a block has under way on compute capability 9.0: mbarriers, bulk copies, named barriers, products of warpgroups.
#pragma once
#include <vector>

#include "check.h"

namespace udml {

struct Site {
    const char *file;
    int line;
};

constexpr int kWarpgroup = 128, kMaxWarpgroups = kMostThreads / kWarpgroup;  // threads of one; of a block
constexpr int kNamedBarriers = 16;                                          // of a block, number 0 being __syncthreads
constexpr int kRegisters = 65536;                                           // of a multiprocessor

struct Mbarrier {
    uint64_t *at;
    int expected, pending;  // arrivals of a phase, and those still missing
    int bytes;              // announced and not yet there, or there and not yet announced: below 0
    unsigned phase;
    Clock arriving, over;  // what the arrivals hand on, and what that of the last phase is
};

struct BulkCopy {
    void *shared;
    const void *global;
    int bytes, mbarrier;
};

struct NamedBarrier {
    int threads, arrived;
    Site site;
    Clock clock;
};

// Product is one wgmma: n columns, whose sums lie in each thread's own array.
struct Product {
    uint64_t left, right;  // descriptors
    int n, group;          // columns; the commit that it belongs to
    bool half, keep;       // f16, else bf16; add to the sums, else replace them
    int sums;              // the place in Warpgroup::sums
};

// Sums are the accumulators of products under way: the threads' own arrays hold NaN until the last of them is waited for.
struct Sums {
    float *of[kWarpgroup];
    int n, under_way;
    std::vector<float> values;  // [64, n]
};

struct Warpgroup {
    int arrived;
    bool fenced;  // since its accumulators were last free to change
    int committed, registers;
    std::vector<Product> products;
    std::vector<Sums> sums;
};

struct Async {
    std::vector<Mbarrier> mbarriers;
    std::vector<BulkCopy> copies;
    NamedBarrier named[kNamedBarriers];
    Warpgroup group[kMaxWarpgroups];
    int free_registers;
};

}  // namespace udml
