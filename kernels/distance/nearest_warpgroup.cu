// The best row of y for each row of x, as nearest.cu, by the warpgroups of compute capability 9.0: the search of k-means and cluster.Assign
// in bfloat16.
#include "key.cuh"
#include "../include/warpgroup_walk.cuh"

#ifdef UDML_WARPGROUPS
namespace distance_warpgroup {

// BestOfGroup keeps four rows a thread, two of each half. Columns come in rising order, so of equal scores the first stays.
struct BestOfGroup {
    int self;
    float best[4];
    int col[4];

    __device__ __forceinline__ explicit BestOfGroup(int self) : self(self) {
        for (int r = 0; r < 4; r++) best[r] = -INFINITY, col[r] = -1;
    }

    template <int HALF>
    __device__ __forceinline__ void half(const float (&score)[64], const float (&most)[2], int row0, int col0, const TileProblem &p) {
        int first = col0 + GroupPlace::at().col;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int r = 2 * HALF + h;
            if (most[h] > best[r]) {
                best[r] = most[h];
#pragma unroll
                for (int e = 31; e >= 0; e--)
                    if (score[e / 2 * 4 + 2 * h + e % 2] == most[h]) col[r] = first + e / 2 * 8 + e % 2;
            } else if (col[r] < 0) {  // -Inf is a score too, but not above the -Inf that rows start with
#pragma unroll
                for (int e = 31; e >= 0; e--)
                    if (score[e / 2 * 4 + 2 * h + e % 2] == -INFINITY) col[r] = first + e / 2 * 8 + e % 2;
            }
        }
    }

    // write brings the best of the block's columns into keys [n], which started as 0.
    __device__ __forceinline__ void write(ScoreKey *keys, int n) const {
        int row0 = (blockIdx.x * kWalkGroups + threadIdx.x / kGroupThreads - 1) * kTileRows + GroupPlace::at().row;
        for (int r = 0; r < 4; r++) {
            int row = row0 + r / 2 * 64 + r % 2 * 8;
            if (row < n && col[r] >= 0) atomicMax(keys + row, make_key(best[r], col[r]));
        }
    }
};

template <int CHUNKS>
__device__ __forceinline__ void run(const TileProblem &p, ScoreKey *keys, int self) {
    BestOfGroup best(self);
    warpgroup_walk<CHUNKS>(p, best);
    if (threadIdx.x >= kGroupThreads) best.write(keys, p.n);
}

}  // namespace distance_warpgroup
#define NEAREST_BODY(chunks) distance_warpgroup::run<chunks>(TILE_PROBLEM, keys, self)
#else
#define NEAREST_BODY(chunks)  // other GPUs than those of 9.0 do not launch them
#endif

// Rows of 1 to 64 elements, to 128, to 192. keys [n] start as 0; row 0 of x is row self of y, or no row is where self is -1.
KERNEL_WGMMA(distance_nearest_groups_64)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_64, TILE_PARAMETERS, ScoreKey *keys, int self) { NEAREST_BODY(1); }
KERNEL_WGMMA(distance_nearest_groups_128)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_128, TILE_PARAMETERS, ScoreKey *keys, int self) { NEAREST_BODY(2); }
KERNEL_WGMMA(distance_nearest_groups_192)
KERNEL_BOUNDS(384, 1, distance_nearest_groups_192, TILE_PARAMETERS, ScoreKey *keys, int self) { NEAREST_BODY(3); }
#undef NEAREST_BODY
