// The whole matrix of distances or similarities, as in pairwise.cu, by the warpgroups of compute capability 9.0.
#include "../include/warpgroup_stream.cuh"
#include "pairwise_store.cuh"

#ifdef UDML_WARPGROUPS
namespace distance_pairwise_groups {

struct Store {
    PairwiseStore to;

    __device__ __forceinline__ void half(const float (&score)[64], int row0, int col0, const TileProblem &p) const {
        TilePlace at = GroupPlace::at();
        bool aligned = to.aligned(p.m), whole = aligned && col0 + kTileRows <= p.m;
        int col = col0 + at.col;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int row = row0 + at.row + 8 * h;
            if (row >= p.n) continue;
            float *line = to.dst + static_cast<long long>(row) * p.m + col;
            if (whole) {
                write<true>(line, score, h, 0, true);
            } else {
                write<false>(line, score, h, p.m - col, aligned);
            }
        }
    }

    // write is a thread's part of a row, of which `left` columns are left unless it is whole.
    template <bool WHOLE>
    __device__ __forceinline__ void write(float *line, const float (&score)[64], int h, int left, bool aligned) const {
#pragma unroll
        for (int j = 0; j < 16; j++) {
            const float *pair = score + 4 * j + 2 * h;
            if (WHOLE || 8 * j < left) to.put(line + 8 * j, WHOLE || 8 * j + 1 < left, aligned, pair[0], pair[1]);
        }
    }
};

template <TileFormat FORMAT>
__device__ __forceinline__ void run(const TileProblem &p, float *dst, float sign) {
    Store store = {{dst, sign}};
    warpgroup_stream<FORMAT>(p, store);
}

}  // namespace distance_pairwise_groups
#define PAIRWISE_BODY(format) distance_pairwise_groups::run<format>(TILE_PROBLEM, dst, sign)
#else
#define PAIRWISE_BODY(format)  // other GPUs than those of 9.0 do not launch them
#endif

KERNEL_WGMMA(distance_pairwise_groups_fp32)
KERNEL_BOUNDS(384, 1, distance_pairwise_groups_fp32, TILE_PARAMETERS, float *dst, float sign) { PAIRWISE_BODY(kTileSplit); }
KERNEL_WGMMA(distance_pairwise_groups_tf32)
KERNEL_BOUNDS(384, 1, distance_pairwise_groups_tf32, TILE_PARAMETERS, float *dst, float sign) { PAIRWISE_BODY(kTileHalf); }
KERNEL_WGMMA(distance_pairwise_groups_bf16)
KERNEL_BOUNDS(384, 1, distance_pairwise_groups_bf16, TILE_PARAMETERS, float *dst, float sign) { PAIRWISE_BODY(kTileBf16); }
#undef PAIRWISE_BODY
