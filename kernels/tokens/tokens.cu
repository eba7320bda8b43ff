// The rows of a vision transformer, put together and taken apart. Memory alone counts: a thread moves one pack of a row.
#include "../include/kernel.cuh"
#include "../include/lines.cuh"
#include "../include/pack.cuh"

namespace {

template <int N>
__device__ __forceinline__ void add(Pack<N> &v, const Pack<N> &w) {
#pragma unroll
    for (int e = 0; e < N; e++) v[e] += w[e];
}

// row is where row i of image n begins, plus the thread's place.
__device__ __forceinline__ long long row(int n, int rows, int i, int d, int place) {
    return (static_cast<long long>(n) * rows + i) * d + place;
}

template <int N, typename T>
__device__ __forceinline__ void assemble(T *y, const T *x, const float *prefix, const float *pos, const float *prefix_pos, int images,
                                         int p, int t, int d) {
    int c = line_place() * N, rows = p + t;
    if (c >= d) return;
    for (int line = first_line(); line < images * rows; line += line_step()) {
        int n = line / rows, i = line % rows;
        Pack<N> v = i < p ? load<N>(prefix + row(0, 0, i, d, c)) : load<N>(x + row(n, t, i - p, d, c));
        if (i >= p && pos) add(v, load<N>(pos + row(0, 0, i - p, d, c)));
        if (i == 0 && prefix_pos) add(v, load<N>(prefix_pos + c));
        store(y + row(0, 0, line, d, c), v);
    }
}

template <int N, typename T>
__device__ __forceinline__ void take(T *y, const T *x, int images, int rows, int from, int count, int d) {
    int c = line_place() * N;
    if (c >= d) return;
    for (int line = first_line(); line < images * count; line += line_step()) {
        store(y + row(0, 0, line, d, c), load<N>(x + row(line / count, rows, from + line % count, d, c)));
    }
}

template <int N, typename T>
__device__ __forceinline__ void take_backward(T *dx, const T *dy, int images, int rows, int from, int count, int d, bool more) {
    int c = line_place() * N;
    if (c >= d) return;
    for (int line = first_line(); line < images * rows; line += line_step()) {
        int i = line % rows - from;
        bool inside = i >= 0 && i < count;
        if (!inside && more) continue;
        Pack<N> v = inside ? load<N>(dy + row(line / rows, count, i, d, c)) : filled<N>(0);
        if (more) add(v, load<N>(dx + row(0, 0, line, d, c)));
        store(dx + row(0, 0, line, d, c), v);
    }
}

// sum[j] is the sum over images of x[image of each + from + j], j below n: in double, in order.
template <typename T>
__device__ __forceinline__ void sum_images(float *sum, const T *x, int images, long long image, long long from, long long n) {
    for (long long j = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x; j < n;
         j += static_cast<long long>(gridDim.x) * blockDim.x) {
        double total = 0;
#pragma unroll 4
        for (int i = 0; i < images; i++) total += float(x[i * image + from + j]);
        sum[j] = static_cast<float>(total);
    }
}

}  // namespace

#define TOKENS_ASSEMBLE(name, T)                                                                                              \
    KERNEL(name, T *y, const T *x, const float *prefix, const float *pos, const float *prefix_pos, int images, int p, int t,  \
           int d, int pack) {                                                                                                 \
        PACKED(pack, assemble, y, x, prefix, pos, prefix_pos, images, p, t, d);                                               \
    }
STORED(TOKENS_ASSEMBLE, tokens_assemble)

#define TOKENS_TAKE(name, T)                                                                                                  \
    KERNEL(name, T *y, const T *x, int images, int rows, int from, int count, int d, int pack) {                              \
        PACKED(pack, take, y, x, images, rows, from, count, d);                                                               \
    }
STORED(TOKENS_TAKE, tokens_take)

#define TOKENS_TAKE_BACKWARD(name, T)                                                                                         \
    KERNEL(name, T *dx, const T *dy, int images, int rows, int from, int count, int d, int more, int pack) {                  \
        PACKED(pack, take_backward, dx, dy, images, rows, from, count, d, more);                                              \
    }
STORED(TOKENS_TAKE_BACKWARD, tokens_take_backward)

#define TOKENS_SUM_IMAGES(name, T)                                                                                            \
    KERNEL(name, float *sum, const T *x, int images, long long image, long long from, long long n) {                          \
        sum_images(sum, x, images, image, from, n);                                                                           \
    }
STORED(TOKENS_SUM_IMAGES, tokens_sum_images)
