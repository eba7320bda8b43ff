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
enum Collective { kSyncWarp, kShuffle, kBallot, kReduce, kMmaF16, kMmaBf16, kMmaTf32, kLoadMatrix };

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

// udml_trap ends the launch with an error that names the calling thread.
[[noreturn]] void udml_trap(const char *what, const char *file, int line);
