// The products of one multiplying warpgroup of warpgroup_walk.cuh: 128 rows of x by a tile of y, in two halves of 64 rows.
#pragma once
#include "warpgroup_memory.cuh"

constexpr int kNext16 = 32 >> 4;  // from the descriptor of 16 k to that of the next

// WalkStages is a warpgroup's side of the ring of chunks.
template <int CHUNKS>
struct WalkStages {
    static constexpr int kStages = walk_stages(CHUNKS);
    const WalkMemory<CHUNKS> &memory;
    int group;

    __device__ __forceinline__ void await(int tile, int c) const {
        int turn = tile * CHUNKS + c;
        mbarrier_wait(memory.full + turn % kStages, memory.parity(turn));
    }
    // release gives a chunk's stage back, once all products of it are there. A lane speaks for its warp.
    __device__ __forceinline__ void release(int tile, int c) const {
        __syncwarp();
        mbarrier_arrive_if(threadIdx.x % 32 == 0, memory.empty + (tile * CHUNKS + c) % kStages);
    }
};

// WalkProduct is for rows of one part. The products of a half are a group of their own; those of the second run while the first is turned
// into scores.
template <TileFormat FORMAT, int CHUNKS>
struct WalkProduct : WalkStages<CHUNKS> {
    float sum[2][64];

    __device__ __forceinline__ WalkProduct(const WalkMemory<CHUNKS> &memory, int group) : WalkStages<CHUNKS>{memory, group} {
        wgmma_hold(sum[0]), wgmma_hold(sum[1]);
    }
    __device__ __forceinline__ void begin(int tile) {
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) this->await(tile, c);
        multiply(tile, 0);
        multiply(tile, 1);
    }
    // first is the sums of the first half, second those of the other.
    __device__ __forceinline__ float (&first(int))[64] {
        wgmma_wait<1>();
        wgmma_hold(sum[0]);
        return sum[0];
    }
    __device__ __forceinline__ float (&second(int tile))[64] {
        wgmma_wait<0>();
        wgmma_hold(sum[1]);
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) this->release(tile, c);
        return sum[1];
    }

    __device__ __forceinline__ void multiply(int tile, int half) {
        wgmma_fence();
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            uint64_t a = wgmma_descriptor(shared_address(this->memory.x(this->group, c)) + half * (kChunkBytes / 2), kLines128, 1024, 0);
            uint64_t b = wgmma_descriptor(shared_address(this->memory.stage(tile * CHUNKS + c)), kLines128, 1024, 0);
#pragma unroll
            for (int k = 0; k < 4; k++) {
                if constexpr (FORMAT == kTileBf16) {
                    wgmma_bf16(sum[half], a + k * kNext16, b + k * kNext16, c + k);
                } else {
                    wgmma_f16(sum[half], a + k * kNext16, b + k * kNext16, c + k);
                }
            }
        }
        wgmma_commit();
    }
};

// WalkProduct of rows split in hi and lo: each 16 k are three products that begin from nothing, in the order of tile_product.cuh and for
// its reason, and the ordinary adder brings them to the rest. Two such sums are on their way at a time: the tensor cores go on while one is
// added. Sums of a half and these two are 192 registers, so that the halves come one after the other; while a warpgroup turns one
// into scores, the other warpgroup multiplies. A chunk's stage is given back as soon as the second half is done with it, since of four
// chunks there is but one more stage than a tile needs.
template <int CHUNKS>
struct WalkProduct<kTileSplit, CHUNKS> : WalkStages<CHUNKS> {
    static constexpr int kSteps = 2 * CHUNKS;  // of 16 k
    float sum[64], fresh[2][64];

    __device__ __forceinline__ WalkProduct(const WalkMemory<CHUNKS> &memory, int group) : WalkStages<CHUNKS>{memory, group} {
        wgmma_hold(sum), wgmma_hold(fresh[0]), wgmma_hold(fresh[1]);
    }
    __device__ __forceinline__ void begin(int) {}
    __device__ __forceinline__ float (&first(int tile))[64] { return products<0>(tile); }
    __device__ __forceinline__ float (&second(int tile))[64] { return products<1>(tile); }

    // The first step's sums are those of the half already.
    __device__ __forceinline__ float (&place(int step))[64] { return step ? fresh[step % 2] : sum; }

    template <int HALF>
    __device__ __forceinline__ float (&products(int tile))[64] {
        tile = one_for_warp(tile);  // anew: addresses kept from one half to the other would take registers
        if (HALF == 0) this->await(tile, 0);
        three(tile, HALF, 0);
#pragma unroll
        for (int s = 0; s < kSteps; s++) {
            if (s + 1 < kSteps) {
                if (HALF == 0 && s % 2) this->await(tile, (s + 1) / 2);
                three(tile, HALF, s + 1);
                wgmma_wait<1>();
            } else {
                wgmma_wait<0>();
            }
            float(&part)[64] = place(s);
            wgmma_hold(part);
            if (HALF == 1 && s % 2) this->release(tile, s / 2);
#pragma unroll
            for (int e = 0; s && e < 64; e++) sum[e] += part[e];
        }
        return sum;
    }

    // three begins the products of 16 k: hi lo, lo hi, hi hi.
    __device__ __forceinline__ void three(int tile, int half, int step) {
        uint64_t a = operand(this->memory.x(this->group, step / 2) + half * (kPlaneBytes / 2)) + step % 2 * kNext16;
        uint64_t b = operand(this->memory.stage(tile * CHUNKS + step / 2)) + step % 2 * kNext16;
        constexpr int kLo = kPlaneBytes >> 4;
        float(&part)[64] = place(step);
        wgmma_fence();
        wgmma_f16(part, a, b + kLo, 0);
        wgmma_f16(part, a + kLo, b, 1);
        wgmma_f16(part, a, b, 1);
        wgmma_commit();
    }
    static __device__ __forceinline__ uint64_t operand(const unsigned char *at) {
        return wgmma_descriptor(shared_address(at), kLines64, 512, 0);
    }
};
