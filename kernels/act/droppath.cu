// Stochastic depth: rows of a branch, kept and scaled or dropped, and the drawing of which.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"
#include "../include/philox.cuh"

namespace {

// Chosen, not multiplied by 0: a dropped NaN is dropped.
template <int N, typename T>
__device__ __forceinline__ void drop_path(T *y, const T *x, const uint8_t *keep, float scale, int rows, int width) {
    int place = N * line_place();
    if (place >= width) return;
    for (int i = first_line(); i < rows; i += line_step()) {
        long long at = static_cast<long long>(i) * width + place;
        bool kept = keep[i];
        Pack<N> v = load<N>(x + at);
#pragma unroll
        for (int e = 0; e < N; e++) v[e] = kept ? v[e] * scale : 0.0f;
        store(y + at, v);
    }
}

}  // namespace

// A line is a row, a place in it one pack.
#define ACT_DROP_PATH(name, T)                                                                              \
    KERNEL(name, T *y, const T *x, const uint8_t *keep, float scale, int rows, int width, int pack) {       \
        PACKED(pack, drop_path, y, x, keep, scale, rows, width);                                            \
    }
STORED(ACT_DROP_PATH, act_drop_path)

// A thread is a row. The epoch is read on the device, as for dropout. View and op are 16 bits each, as in rng.Key.
KERNEL(act_drop_path_mask, uint8_t *keep, const int *samples, const int *views, int rows, unsigned long long seed,
       const int *epoch, unsigned op, int branch, unsigned threshold) {
    int step = gridDim.x * blockDim.x;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < rows; i += step) {
        RandomKey key = {seed, static_cast<unsigned>(*epoch), static_cast<unsigned>(samples[i]), op, static_cast<unsigned>(views[i])};
        keep[i] = random_word(random_at(key, branch / 4), branch % 4) >> 8 >= threshold;
    }
}
