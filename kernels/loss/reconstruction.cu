// L_rec with its gradient: bound by memory, and each image is read once. A block owns one slot and a run of columns
// (pixels and channels) of it: it keeps the decoded pixels and their gradient in registers and adds the images of the
// slot's members in the order of their rows, so that no two blocks add to one place. Each warp finds the members by itself,
// 32 rows with one ballot: no list has to be made before, and a warp that waits for memory holds up no other.
#include "../include/reduce.cuh"

namespace loss::reconstruction {

constexpr int kThreads = 256;

// A thread's columns: kWide neighbouring ones.
template <int kWide>
struct Columns {
    float v[kWide];
};

__device__ __forceinline__ Columns<4> load(const float *p, Columns<4>) {
    float4 x = *reinterpret_cast<const float4 *>(p);
    return {{x.x, x.y, x.z, x.w}};
}
__device__ __forceinline__ Columns<1> load(const float *p, Columns<1>) { return {{*p}}; }

__device__ __forceinline__ void store(float *p, const Columns<4> &x) {
    *reinterpret_cast<float4 *>(p) = make_float4(x.v[0], x.v[1], x.v[2], x.v[3]);
}
__device__ __forceinline__ void store(float *p, const Columns<1> &x) { *p = x.v[0]; }

// Adds d - image to the gradient and returns the sum of its squares: of up to four in float, which then counts as one
// number in a sum of doubles.
template <int kWide>
__device__ __forceinline__ float add_error(Columns<kWide> &gradient, const Columns<kWide> &d, const Columns<kWide> &image) {
    float square[kWide];
#pragma unroll
    for (int q = 0; q < kWide; q++) {
        float error = d.v[q] - image.v[q];
        gradient.v[q] += error;
        square[q] = error * error;
    }
    if constexpr (kWide == 4) return (square[0] + square[1]) + (square[2] + square[3]);
    else return square[0];
}

// The members of slot j, row by row: the squared errors of a thread's columns, which start at `at`; the gradient is left in
// `gradient`. Whole warps call it; a thread beyond the last column takes no part but the ballot.
template <int kWide>
__device__ __forceinline__ double members(Columns<kWide> &gradient, const float *d, const float *target, const int *slot, int j, int n,
                                          long long columns, long long at) {
    bool inside = at < columns;
    Columns<kWide> decoded = {};
    if (inside) decoded = load(d + j * columns + at, decoded);
    double squares = 0;
    for (int first = 0; first < n; first += 32) {
        int i = first + threadIdx.x % 32;
        unsigned rows = __ballot_sync(kWholeWarp, i < n && slot[i] == j);
        for (; rows && inside; rows &= rows - 1) {
            long long row = first + __ffs(rows) - 1;
            squares += add_error(gradient, decoded, load(target + row * columns + at, decoded));
        }
    }
    return squares;
}

// Slots go along y of the grid, runs of columns along x; parts [slots, gridDim.x] get each block's sum of squares.
template <int kWide>
__device__ __forceinline__ void run(double *parts, float *dd, const float *d, const float *target, const int *slot, int n, int slots,
                                    long long columns, float scale) {
    long long at = (blockIdx.x * static_cast<long long>(kThreads) + threadIdx.x) * kWide;
    for (int j = blockIdx.y; j < slots; j += gridDim.y) {
        Columns<kWide> gradient = {};
        double squares = block_sum(members(gradient, d, target, slot, j, n, columns, at));
        if (threadIdx.x == 0) parts[j * static_cast<long long>(gridDim.x) + blockIdx.x] = squares;
        if (!dd || at >= columns) continue;
#pragma unroll
        for (int q = 0; q < kWide; q++) gradient.v[q] *= scale;
        store(dd + j * columns + at, gradient);
    }
}

}  // namespace loss::reconstruction

// Columns are a multiple of four and the arrays start on 16 bytes.
KERNEL_BOUNDS(256, 4, loss_reconstruction_fours, double *parts, float *dd, const float *d, const float *target, const int *slot, int n,
              int slots, long long columns, float scale) {
    loss::reconstruction::run<4>(parts, dd, d, target, slot, n, slots, columns, scale);
}

KERNEL_BOUNDS(256, 4, loss_reconstruction_each, double *parts, float *dd, const float *d, const float *target, const int *slot, int n,
              int slots, long long columns, float scale) {
    loss::reconstruction::run<1>(parts, dd, d, target, slot, n, slots, columns, scale);
}
