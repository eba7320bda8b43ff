// The forward pass: a block has a tile of queries and goes over all keys, with the sums so far in registers.
#include "attention.cuh"

namespace attention {

// most keeps a NaN out of the maximum: it reaches the row by its own exponential.
struct Most {
    __device__ __forceinline__ float operator()(float a, float b) const { return b > a ? b : a; }
};

template <int R, int WIDE>
__device__ __forceinline__ void forward(float *y, float *lse, Rows<float> q, Rows<float> k, Rows<float> v, const Sizes &of, int tile,
                                        float scale) {
    using T = Tile<R, WIDE>;
    SHARED(float, memory);
    float *queries = memory, *rows = memory + T::kOperand, *pairs = memory + 2 * T::kOperand;
    float sum[R][T::kCols], largest[R], total[R];
    T::clear(sum);
#pragma unroll
    for (int i = 0; i < R; i++) largest[i] = -INFINITY, total[i] = 0;
    T::load(queries, q, tile * T::kSide, of.dim, scale);
    for (int first = 0; first < of.keys; first += T::kSide) {
        float s[R][R];
        __syncthreads();  // all have read the values of the tile before
        T::load(rows, k, first, of.dim, 1);
        __syncthreads();
        T::logits(s, queries, rows);
#pragma unroll
        for (int i = 0; i < R; i++) {
            float m = largest[i], each = 0;
#pragma unroll
            for (int j = 0; j < R; j++)
                if (first + T::x() + 16 * j < of.keys) m = Most()(m, s[i][j]);
            m = over_row(m, Most());
            float factor = expf(largest[i] - m);
#pragma unroll
            for (int j = 0; j < R; j++) {
                s[i][j] = first + T::x() + 16 * j < of.keys ? expf(s[i][j] - m) : 0;
                each += s[i][j];
            }
            total[i] = total[i] * factor + over_row(each, Sum());
            largest[i] = m;
#pragma unroll
            for (int c = 0; c < T::kCols; c++) sum[i][c] *= factor;
        }
        T::keep(pairs, s);
        __syncthreads();  // and all have read the keys
        T::load(rows, v, first, of.dim, 1);
        __syncthreads();
        T::add(sum, pairs, rows);
    }
#pragma unroll
    for (int i = 0; i < R; i++) {
        int t = tile * T::kSide + R * T::y() + i;
        if (T::x() == 0 && t < of.queries) lse[t] = largest[i] + logf(total[i]);
        total[i] = 1 / total[i];
    }
    T::store(y, of.heads * static_cast<long long>(of.dim), of.queries, of.dim, tile * T::kSide, sum, total);
}

}  // namespace attention

#define FORWARD(wide, R)                                                                                                              \
    KERNEL_BOUNDS(256, 2, attention_forward_##wide, float *y, float *lse, const float *q, const float *k, const float *v,             \
                  long long ldq, long long ldk, long long ldv, int heads, int queries, int keys, int dim, int tiles, float scale) {   \
        attention::Sizes of = {heads, queries, keys, dim};                                                                            \
        attention::Place at(of, tiles);                                                                                               \
        attention::forward<R, wide>(y + at.first(of, queries, static_cast<long long>(heads) * dim), lse + at.values(of),              \
                                    at.rows(q, of, queries, ldq), at.rows(k, of, keys, ldk), at.rows(v, of, keys, ldv), of, at.tile,  \
                                    scale);                                                                                           \
    }
ATTENTION_KERNELS(FORWARD)
