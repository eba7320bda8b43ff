// The products of one multiplying warpgroup of warpgroup_walk.cuh, of 64 rows of x by a tile of y, or of 128 rows in two halves.
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

// WalkTurns has the warpgroups multiply one after the other where TURNS is set. Left alone they all begin when a tile is there, share the
// tensor cores, end together, and leave them idle while all turn sums into scores. On an H200 turns made assignment and the best positive
// 2 to 6 % faster, and TopK, whose warpgroups need unlike times for a tile, 5 to 11 % slower.
template <TileFormat FORMAT, bool TURNS>
struct WalkTurns {
    static constexpr int kGroups = WalkShape<FORMAT>::kGroups;
    uint64_t *turns;
    int group;

    // take waits for the warpgroup's turn number `turn`, counted from 0.
    __device__ __forceinline__ void take(int turn) const {
        if (TURNS && (group > 0 || turn > 0)) mbarrier_wait(turns + group, (group > 0 ? turn : turn - 1) & 1);
    }
    // pass gives the turn to the next one.
    __device__ __forceinline__ void pass() const {
        if (TURNS) mbarrier_arrive_if(threadIdx.x % 32 == 0, turns + (group + 1) % kGroups);
    }
};

// WalkProduct is for rows of one part: a warpgroup waits for its products, and others multiply while it turns them into scores.
template <TileFormat FORMAT, int CHUNKS, bool TURNS>
struct WalkProduct : WalkStages<CHUNKS> {
    WalkTurns<FORMAT, TURNS> turns;
    float sum[64];

    __device__ __forceinline__ WalkProduct(const WalkMemory<CHUNKS> &memory, int group)
        : WalkStages<CHUNKS>{memory, group}, turns{memory.turns, group} {
        wgmma_hold(sum);
    }

    template <int>
    __device__ __forceinline__ float (&products(int tile))[64] {
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) this->await(tile, c);
        turns.take(tile);
        wgmma_fence();
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            multiply(tile, c);
            wgmma_commit();
        }
        if (TURNS && CHUNKS > 1) wgmma_wait<1>();  // the next warpgroup begins while the last chunk is multiplied
        turns.pass();
        wgmma_wait<0>();
        wgmma_hold(sum);
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) this->release(tile, c);
        return sum;
    }

    __device__ __forceinline__ void multiply(int tile, int c) {
        const unsigned char *rows = this->memory.x(this->group / 2, c) + this->group % 2 * (kChunkBytes / 2);
        uint64_t a = wgmma_descriptor(shared_address(rows), kLines128, 1024, 0);
        uint64_t b = wgmma_descriptor(shared_address(this->memory.stage(tile * CHUNKS + c)), kLines128, 1024, 0);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            if constexpr (FORMAT == kTileBf16) {
                wgmma_bf16(sum, a + k * kNext16, b + k * kNext16, c + k);
            } else {
                wgmma_f16(sum, a + k * kNext16, b + k * kNext16, c + k);
            }
        }
    }
};

// WalkProduct of rows split in hi and lo: each 16 k are three products that begin from nothing, in the order of tile_product.cuh and for
// its reason, and the ordinary adder brings them to the rest. Two such sums are on their way at a time: the tensor cores go on while one is
// added. Sums of a half and these two are 192 registers, so that the halves come one after the other; while a warpgroup turns one
// into scores, the other warpgroup multiplies. A chunk's stage is given back as soon as the second half is done with it, since of four
// chunks there is but one more stage than a tile needs.
template <int CHUNKS, bool TURNS>
struct WalkProduct<kTileSplit, CHUNKS, TURNS> : WalkStages<CHUNKS> {
    static constexpr int kSteps = 2 * CHUNKS;  // of 16 k
    WalkTurns<kTileSplit, TURNS> turns;
    float sum[64], fresh[2][64];

    __device__ __forceinline__ WalkProduct(const WalkMemory<CHUNKS> &memory, int group)
        : WalkStages<CHUNKS>{memory, group}, turns{memory.turns, group} {
        wgmma_hold(sum), wgmma_hold(fresh[0]), wgmma_hold(fresh[1]);
    }
    // The first step's sums are those of the half already.
    __device__ __forceinline__ float (&place(int step))[64] { return step ? fresh[step % 2] : sum; }

    template <int HALF>
    __device__ __forceinline__ float (&products(int tile))[64] {
        tile = one_for_warp(tile);  // anew: addresses kept from one half to the other would take registers
        if (HALF == 0) this->await(tile, 0);
        turns.take(2 * tile + HALF);
        three(tile, HALF, 0);
#pragma unroll
        for (int s = 0; s < kSteps; s++) {
            if (s + 1 < kSteps) {
                if (HALF == 0 && s % 2) this->await(tile, (s + 1) / 2);
                three(tile, HALF, s + 1);
                if (s + 2 == kSteps) turns.pass();
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
