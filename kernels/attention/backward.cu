// The gradients: one kernel goes over the queries for a tile of keys, another over the keys for a tile of queries, so that every sum
// stays in one thread's registers and has one order. Both compute the probabilities again.
#include "../include/bfloat.cuh"
#include "../include/rows.cuh"
#include "attention.cuh"
#include "gradient.cuh"

namespace attention {

// pair computes the probabilities of a tile in p, and in ds the logits' gradients without the factor of the logits. Both are 0 past the
// last query or key.
template <int R, int WIDE>
__device__ __forceinline__ void pair(float (&p)[R][R], float (&ds)[R][R], const float *queries, const float *keys, const float *values,
                                     const float *outs, const Gradient<float> &g, int query, int key) {
    using T = Tile<R, WIDE>;
    T::logits(p, queries, keys);
    T::logits(ds, outs, values);
#pragma unroll
    for (int i = 0; i < R; i++) {
        int t = query + R * T::y() + i;
        float lse = t < g.q.rows ? g.lse[t] : 0, delta = t < g.q.rows ? g.delta[t] : 0;
#pragma unroll
        for (int j = 0; j < R; j++) {
            bool inside = t < g.q.rows && key + T::x() + 16 * j < g.k.rows;
            p[i][j] = inside ? expf(p[i][j] - lse) : 0;
            ds[i][j] = inside ? p[i][j] * (ds[i][j] - delta) : 0;
        }
    }
}

template <int R>
__device__ __forceinline__ void same(float (&factor)[R], float value) {
#pragma unroll
    for (int i = 0; i < R; i++) factor[i] = value;
}

// The tile of keys: dk and dv may be null.
template <int R, int WIDE>
__device__ __forceinline__ void of_keys(float *dk, float *dv, long long lddk, long long lddv, const Gradient<float> &g,
                                        const Sizes &of, int tile, float scale) {
    using T = Tile<R, WIDE>;
    SHARED(float, memory);
    float *keys = memory, *values = keys + T::kOperand, *queries = values + T::kOperand, *outs = queries + T::kOperand;
    float *pairs = outs + T::kOperand, for_keys[R][T::kCols], for_values[R][T::kCols];
    int key = tile * T::kSide;
    T::clear(for_keys);
    T::clear(for_values);
    T::load(keys, g.k, key, of.dim, 1);
    T::load(values, g.v, key, of.dim, 1);
    for (int first = 0; first < of.queries; first += T::kSide) {
        float p[R][R], ds[R][R];
        __syncthreads();
        T::load(queries, g.q, first, of.dim, scale);
        T::load(outs, g.dy, first, of.dim, 1);
        __syncthreads();
        pair<R, WIDE>(p, ds, queries, keys, values, outs, g, first, key);
        T::keep(pairs, p);
        __syncthreads();
        T::add_turned(for_values, pairs, outs);
        __syncthreads();
        T::keep(pairs, ds);
        __syncthreads();
        T::add_turned(for_keys, pairs, queries);
    }
    float factor[R];
    same(factor, 1.0f);  // queries were scaled
    if (dk) T::store(dk, lddk, of.keys, of.dim, key, for_keys, factor);
    if (dv) T::store(dv, lddv, of.keys, of.dim, key, for_values, factor);
}

// The tile of queries.
template <int R, int WIDE>
__device__ __forceinline__ void of_queries(float *dq, long long lddq, const Gradient<float> &g, const Sizes &of, int tile, float scale) {
    using T = Tile<R, WIDE>;
    SHARED(float, memory);
    float *keys = memory, *values = keys + T::kOperand, *queries = values + T::kOperand, *outs = queries + T::kOperand;
    float *pairs = outs + T::kOperand, sum[R][T::kCols];
    int query = tile * T::kSide;
    T::clear(sum);
    T::load(queries, g.q, query, of.dim, scale);
    T::load(outs, g.dy, query, of.dim, 1);
    for (int first = 0; first < of.keys; first += T::kSide) {
        float p[R][R], ds[R][R];
        __syncthreads();
        T::load(keys, g.k, first, of.dim, 1);
        T::load(values, g.v, first, of.dim, 1);
        __syncthreads();
        pair<R, WIDE>(p, ds, queries, keys, values, outs, g, query, first);
        T::keep(pairs, ds);
        __syncthreads();
        T::add(sum, pairs, keys);
    }
    float factor[R];
    same(factor, scale);
    T::store(dq, lddq, of.queries, of.dim, query, sum, factor);
}

// delta[n,h,t] is the product of a head's columns of row t of dy and y, each [N,T,heads dim]: a warp for each.
template <typename S>
__device__ __forceinline__ void products(float *delta, const S *dy, const S *y, int count, int heads, int queries, int dim) {
    for (int i = first_row(); i < count; i += row_step()) {
        int t = i % queries, head = i / queries % heads, image = i / queries / heads;
        long long at = (static_cast<long long>(image) * queries + t) * heads * dim + head * dim;
        double sum = row_dot<1>(dy + at, y + at, dim);
        if (lane() == 0) delta[i] = static_cast<float>(sum);
    }
}

}  // namespace attention

#define DELTA(name, S)                                                                                                             \
    KERNEL(name, float *delta, const S *dy, const S *y, int count, int heads, int queries, int dim) {                              \
        attention::products(delta, dy, y, count, heads, queries, dim);                                                             \
    }
STORED(DELTA, attention_delta)

#define BACKWARD(wide, R)                                                                                                          \
    KERNEL_BOUNDS(256, 1, attention_backward_keys_##wide, float *dk, float *dv, long long lddk, long long lddv,                    \
                  GRADIENT_PARAMETERS(float)) {                                                                                    \
        GRADIENT_OF(float)                                                                                                         \
        attention::of_keys<R, wide>(dk ? dk + at.first(of, keys, lddk) : dk, dv ? dv + at.first(of, keys, lddv) : dv, lddk, lddv,  \
                                    g, of, at.tile, scale);                                                                        \
    }                                                                                                                              \
    KERNEL_BOUNDS(256, 1, attention_backward_queries_##wide, float *dq, long long lddq, GRADIENT_PARAMETERS(float)) {              \
        GRADIENT_OF(float)                                                                                                         \
        attention::of_queries<R, wide>(dq + at.first(of, queries, lddq), lddq, g, of, at.tile, scale);                             \
    }
ATTENTION_KERNELS(BACKWARD)
