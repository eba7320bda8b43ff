// The emulated device's services for a running kernel: the calls behind CUDA's built-in variables and functions.
// The kernels are compiled against this; scheduler.cpp, collective.cpp and copy.cpp hold it.
#pragma once

// The scheduler writes these before it lets a thread run, under the same symbols without const. A kernel sees
// constants, which the check build does not instrument and the compiler may keep in registers.
extern const __thread uint3 threadIdx __asm__("udml_thread_index");
extern const __thread uint3 blockIdx __asm__("udml_block_index");
extern const __thread uint3 blockDim __asm__("udml_block_dim");
extern const __thread uint3 gridDim __asm__("udml_grid_dim");
constexpr int warpSize = 32;

namespace udml {

// Collective is a lane's request to its warp; all lanes of a mask must make the same one.
// Those from kGroupProduct on are of a warpgroup: four neighbouring warps.
enum Collective { kSyncWarp, kShuffle, kBallot, kReduce, kMmaF16, kMmaBf16, kMmaTf32, kLoadMatrix,
    kGroupProduct, kGroupFence, kGroupCommit, kGroupWait, kGroupRegisters };

// ShuffleKind says which lane __shfl_*_sync reads.
enum ShuffleKind { kIndex, kUp, kDown, kXor };

// ReduceKind is the operation of __reduce_*_sync.
enum ReduceKind { kAdd, kMin, kMax, kUMin, kUMax, kAnd, kOr, kXorBits };

// BarrierKind is how __syncthreads and its siblings combine the threads' predicates.
enum BarrierKind { kPlain, kCount, kAnyTrue, kAllTrue };

}  // namespace udml

// The bytes of dynamic shared memory the launch asked for.
unsigned char *udml_dynamic_shared();

// udml_lane is the calling thread's place in its warp.
int udml_lane();

int udml_barrier(udml::BarrierKind kind, int predicate, const char *file, int line);
void udml_sync_warp(unsigned mask, const char *file, int line);
uint64_t udml_shuffle(udml::ShuffleKind kind, unsigned mask, uint64_t bits, int operand, int width, const char *file, int line);
unsigned udml_ballot(unsigned mask, bool predicate, const char *file, int line);
unsigned udml_reduce(udml::ReduceKind kind, unsigned mask, unsigned value, const char *file, int line);
unsigned udml_active_mask();

void udml_mma(udml::Collective kind, float *d, const uint32_t *a, const uint32_t *b, const char *file, int line);

// udml_spread deals the rows that lanes 0..8*tiles-1 hold (16 bytes each) to the warp, as ldmatrix does.
void udml_spread(uint32_t *r, const uint4 *row, int tiles, bool trans, const char *file, int line);

void udml_copy_async(void *shared, const void *global, int bytes, bool valid);
void udml_copy_commit();
void udml_copy_wait(int newest);

// udml_shared_address is a pointer into dynamic shared memory as an address of the shared window, as descriptors have it.
uint32_t udml_shared_address(const void *p);

void udml_mbarrier_init(uint64_t *at, int arrivals, const char *file, int line);
void udml_mbarrier_arrive(uint64_t *at, int bytes, const char *file, int line);
void udml_mbarrier_wait(uint64_t *at, unsigned parity, const char *file, int line);
void udml_bulk_copy(void *shared, const void *global, int bytes, uint64_t *mbarrier, const char *file, int line);
void udml_named_barrier(int number, int threads, const char *file, int line);

// udml_group_product is wgmma m64nNk16 of operands by descriptor; d are the thread's n / 2 sums.
void udml_group_product(float *d, int n, bool half, uint64_t left, uint64_t right, bool keep, const char *file, int line);
// udml_group_do is a fence, a commit, a wait for all but the newest `value` groups, or setmaxnreg to `value` registers.
void udml_group_do(udml::Collective kind, int value, bool more, const char *file, int line);

// udml_trap ends the launch with an error that names the calling thread.
[[noreturn]] void udml_trap(const char *what, const char *file, int line);
