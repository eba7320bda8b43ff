// Dropout, and the drawing of its masks. A mask is a byte an element, so a pack of four takes one 4-byte access of it.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/philox.cuh"
#include "each.cuh"

namespace {

using act::each_pack;

// Chosen, not multiplied by 0: a dropped NaN is dropped.
template <int N>
__device__ __forceinline__ void dropout(float *y, const float *x, const uint8_t *mask, float scale, long long n) {
    each_pack<N>(n, [=](long long i) {
        Pack<N> v = load<N>(x + i);
        Pack<N, uint8_t> kept = load<N>(mask + i);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = kept[e] ? v[e] * scale : 0.0f;
        store(y + i, v);
    });
}

// mask_row draws elements [4 quad, 4 quad + 4) of a row: the four words that one run of Philox gives.
template <int N>
__device__ __forceinline__ void mask_row(uint8_t *row, RandomKey key, int quad, int width, unsigned threshold) {
    uint4 words = random_at(key, quad);
    Pack<4, uint8_t> kept;
#pragma unroll
    for (int e = 0; e < 4; e++) kept[e] = random_word(words, e) >> 8 >= threshold;
    if constexpr (N == 4) {
        store(row + 4 * quad, kept);
    } else {
#pragma unroll
        for (int e = 0; e < 4; e++) {
            if (4 * quad + e < width) row[4 * quad + e] = kept[e];
        }
    }
}

}  // namespace

KERNEL(act_dropout, float *y, const float *x, const uint8_t *mask, float scale, long long n, int pack) {
    PACKED(pack, dropout, y, x, mask, scale, n);
}

// A line is a row, a place in it four elements. The epoch is read on the device: a captured launch draws the masks of each epoch. View and op are 16 bits each, as in rng.Key.
KERNEL(act_dropout_mask, uint8_t *mask, const int *samples, const int *views, int rows, int width, int pack,
       unsigned long long seed, const int *epoch, unsigned op, unsigned threshold) {
    int quad = line_place();
    if (4 * quad >= width) return;
    for (int i = first_line(); i < rows; i += line_step()) {
        RandomKey key = {seed, static_cast<unsigned>(*epoch), static_cast<unsigned>(samples[i]), op, static_cast<unsigned>(views[i])};
        uint8_t *row = mask + static_cast<long long>(i) * width;
        PACKED(pack, mask_row, row, key, quad, width, threshold);
    }
}
