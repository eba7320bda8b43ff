// Selection of the best keys among those that a row has gathered, by one warp, in global memory (which the
// first-level cache holds).
//
// Keys are compared five bits at a time from the first bit in which they differ: each lane counts one of 32 digits,
// by ballots. So no shared memory is needed, and keys are sorted only as far as needed. Since all keys differ, the
// same ones are kept in every run.
#pragma once
#include "../include/reduce.cuh"
#include "key.cuh"

namespace distance_select {

// Segments are a row's keys: count[s] of them from keys + s * room on, for each s.
struct Segments {
    ScoreKey *keys;
    const int *count;
    int segments, room;

    __device__ __forceinline__ int total() const {
        int n = 0;
        for (int s = 0; s < segments; s++) n += count[s];
        return n;
    }
    // each calls f with 32 keys at a time, one a lane, 0 where there is none. All lanes call f.
    template <class F>
    __device__ __forceinline__ void each(F f) const {
        for (int s = 0; s < segments; s++) {
            for (int i = 0; i < count[s]; i += 32) {
                int at = i + static_cast<int>(threadIdx.x % 32);
                f(at < count[s] ? keys[static_cast<size_t>(s) * room + at] : ScoreKey(0));
            }
        }
    }
};

// digit_count is how many of the warp's values, one a lane, have this lane's number as their five bits. Only those
// count that are `in`.
__device__ __forceinline__ int digit_count(int digit, bool in) {
    unsigned same = __ballot_sync(kWholeWarp, in);
#pragma unroll
    for (int bit = 0; bit < 5; bit++) {
        unsigned set = __ballot_sync(kWholeWarp, digit >> bit & 1);
        same &= threadIdx.x >> bit & 1 ? set : ~set;
    }
    return __popc(same);
}

// above is the sum over higher lanes.
__device__ __forceinline__ int above(int x) {
    int lane = threadIdx.x % 32, sum = x;
#pragma unroll
    for (int step = 1; step < 32; step *= 2) {
        int other = __shfl_down_sync(kWholeWarp, sum, step);
        if (lane + step < 32) sum += other;
    }
    return sum - x;
}

// upper is the key without its low bits; all 64 may be low.
__device__ __forceinline__ ScoreKey upper(ScoreKey key, int shift) { return shift > 63 ? 0 : key >> shift; }

// common_bits finds the bits that all keys have in common: how many low ones they do not, and the rest.
__device__ __forceinline__ int common_bits(const Segments &list, ScoreKey *prefix) {
    ScoreKey least = ~ScoreKey(0), most = 0;
    list.each([&](ScoreKey key) {
        if (!key) return;
        least = min(least, key);
        most = max(most, key);
    });
    least = warp_reduce(least, Min());
    most = warp_reduce(most, Max());
    int shift = 64 - __clzll(static_cast<long long>(least ^ most));
    *prefix = upper(least, shift);
    return shift;
}

// threshold is a key such that at least k keys, and at most `most`, are not below it: the k-th best one where most
// is k. There must be k keys or more, and most must not be less than k.
__device__ __forceinline__ ScoreKey threshold(const Segments &list, int k, int most) {
    ScoreKey prefix;
    int shift = common_bits(list, &prefix), better = 0, found = most + 1;
    while (shift > 0 && found > most) {
        int next = max(shift - 5, 0), mask = (1 << (shift - next)) - 1, count = 0;
        list.each([&](ScoreKey key) {
            bool in = key && upper(key, shift) == prefix;
            count += digit_count(static_cast<int>(key >> next) & mask, in);
        });
        int over = better + above(count);
        int digit = 31 - __clz(static_cast<int>(__ballot_sync(kWholeWarp, over + count >= k)));
        better = __shfl_sync(kWholeWarp, over, digit);
        found = better + __shfl_sync(kWholeWarp, count, digit);
        prefix = prefix << (shift - next) | static_cast<ScoreKey>(digit);
        shift = next;
    }
    return prefix << shift;
}

// keep moves the keys that are not below bar to the front, and returns how many there are. A key never moves back,
// so that none is overwritten before it was read.
__device__ __forceinline__ int keep(const Segments &list, ScoreKey bar) {
    int kept = 0;
    list.each([&](ScoreKey key) {
        bool in = key && key >= bar;
        unsigned all = __ballot_sync(kWholeWarp, in);
        __syncwarp();
        if (in) list.keys[kept + __popc(all & ((1u << threadIdx.x % 32) - 1))] = key;
        kept += __popc(all);
    });
    __syncwarp();
    return kept;
}

// least is the score of the worst of n keys.
__device__ __forceinline__ float least(const ScoreKey *keys, int n) {
    ScoreKey worst = ~ScoreKey(0);
    for (int i = threadIdx.x % 32; i < n; i += 32) worst = min(worst, keys[i]);
    return key_score(warp_reduce(worst, Min()));
}

}  // namespace distance_select
