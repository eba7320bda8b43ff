// The gradients in bfloat16: one kernel goes over the queries for a tile of keys, another over the keys for a tile of queries, so that
// every sum stays in one lane's registers and has one order. Both compute the probabilities again, 16 queries by 16 keys at a time.
#include "gradient.cuh"
#include "product.cuh"

namespace attention {

// Pair is what two rows of 16 have of two columns of the other side: products first, then probabilities and their logits' gradients.
struct Pair {
    float p[2][4], ds[2][4];

    __device__ __forceinline__ void clear() {
#pragma unroll
        for (int e = 0; e < 8; e++) p[e / 4][e % 4] = ds[e / 4][e % 4] = 0;
    }

    // finish makes of logits and dy . v the probability and the logit's gradient without its factor. lse is times log2(e).
    __device__ __forceinline__ void finish(int n, int e, bool inside, float scale, float lse, float delta) {
        float one = inside ? exp2f(p[n][e] * scale - lse) : 0;
        p[n][e] = one;
        ds[n][e] = inside ? one * (ds[n][e] - delta) : 0;
    }
};

// Queries is a stage of the kernel of keys: COUNT queries with what belongs to them.
template <int WIDE, int COUNT>
struct Queries {
    using P = Product<WIDE>;
    static constexpr int kBytes = COUNT * (4 * P::kLine + 8);
    bfloat *q, *dy;
    float *lse, *delta;

    __device__ __forceinline__ explicit Queries(bfloat *at)
        : q(at), dy(q + COUNT * P::kLine), lse(reinterpret_cast<float *>(dy + COUNT * P::kLine)), delta(lse + COUNT) {}

    __device__ __forceinline__ void load(const Gradient<bfloat> &g, int first, int dim) const {
        P::template load<COUNT>(q, g.q, first, dim);
        P::template load<COUNT>(dy, g.dy, first, dim);
        int own = threadIdx.x % COUNT;
        bool inside = first + own < g.q.rows;
        const float *from = threadIdx.x < COUNT ? g.lse : g.delta;
        if (threadIdx.x < 2 * COUNT) cp_async4((threadIdx.x < COUNT ? lse : delta) + own, inside ? from + first + own : from, inside);
    }
};

// Keys is what a warp has of its 16 keys. Heads of up to 64 columns stay in registers; wider ones are read again for each 16 queries.
template <int WIDE>
struct Keys {
    using P = Product<WIDE>;
    static constexpr bool kHeld = WIDE <= 64;
    static constexpr int kQueries = kHeld ? 64 : 32;  // of a stage
    using Stage = Queries<WIDE, kQueries>;
    static constexpr int kBytes = 2 * Stage::kBytes + (kHeld ? 0 : 4 * P::kTile);

    typename P::Sums dk, dv;
    uint32_t keys[kHeld ? P::kSteps : 1][4], values[kHeld ? P::kSteps : 1][4];
    const bfloat *key_rows, *value_rows;

    __device__ __forceinline__ void hold(const bfloat *k, const bfloat *v) {
        key_rows = k, value_rows = v;
        if constexpr (kHeld) P::left(keys, k), P::left(values, v);
    }

    // queries takes 16 rows of a stage, of which count are queries.
    __device__ __forceinline__ void queries(const Stage &from, int row, int count, float scale) {
        const bfloat *q = from.q + row * P::kLine, *dy = from.dy + row * P::kLine;
        Pair s;
        s.clear();
#pragma unroll (kHeld ? P::kSteps : 2)
        for (int step = 0; step < P::kSteps; step++) {
            uint32_t k[4], v[4];
            if constexpr (kHeld) {
                P::across(s.p, keys[step], q, step);
                P::across(s.ds, values[step], dy, step);
            } else {
                P::left(k, key_rows, step), P::left(v, value_rows, step);
                P::across(s.p, k, q, step);
                P::across(s.ds, v, dy, step);
            }
        }
#pragma unroll
        for (int n = 0; n < 2; n++) {
            int own = 8 * n + threadIdx.x % 4 * 2;
            float2 lse = *reinterpret_cast<const float2 *>(from.lse + row + own);
            float2 delta = *reinterpret_cast<const float2 *>(from.delta + row + own);
#pragma unroll
            for (int e = 0; e < 4; e++)
                s.finish(n, e, own + e % 2 < count, scale, (e % 2 ? lse.y : lse.x) * kLog2E, e % 2 ? delta.y : delta.x);
        }
        uint32_t factor[4];
        rounded(factor, s.p);
        P::down(dv, factor, dy);
        rounded(factor, s.ds);
        P::down(dk, factor, q);
    }
};

// The tile of keys: dk and dv may be null.
template <int WIDE>
__device__ __forceinline__ void of_keys(bfloat *dk, bfloat *dv, long long lddk, long long lddv, const Gradient<bfloat> &g,
                                        const Sizes &of, int tile, float scale) {
    using P = Product<WIDE>;
    using K = Keys<WIDE>;
    SHARED(unsigned char, memory);
    typename K::Stage stage(reinterpret_cast<bfloat *>(memory)), next(reinterpret_cast<bfloat *>(memory + K::Stage::kBytes));
    int warp = threadIdx.x / 32, row = tile * kRows + 16 * warp;
    K own;
    P::clear(own.dk);
    P::clear(own.dv);
    bfloat *keys = K::kHeld ? next.q : reinterpret_cast<bfloat *>(memory + 2 * K::Stage::kBytes), *values = keys + P::kTile;
    P::load_both(keys, g.k, g.v, tile * kRows, of.dim);
    stage.load(g, 0, of.dim);
    cp_async_commit();
    cp_async_wait<0>();
    __syncthreads();
    own.hold(keys + 16 * warp * P::kLine, values + 16 * warp * P::kLine);
    for (int first = 0; first < of.queries; first += K::kQueries) {
        cp_async_wait<0>();
        __syncthreads();  // this stage is there, and all have read the other
        if (first + K::kQueries < of.queries) {
            next.load(g, first + K::kQueries, of.dim);
            cp_async_commit();
        }
        if (row < of.keys) {
            int count = min(of.queries - first, K::kQueries);
#pragma unroll 1
            for (int at = 0; at < count; at += 16) own.queries(stage, at, count - at, scale * kLog2E);
        }
        typename K::Stage read = stage;
        stage = next, next = read;
    }
    if (row >= of.keys) return;
    if (dk) P::store(dk, lddk, of.keys, of.dim, row, own.dk, scale, scale);
    if (dv) P::store(dv, lddv, of.keys, of.dim, row, own.dv, 1, 1);
}

// The tile of queries.
template <int WIDE>
__device__ __forceinline__ void of_queries(bfloat *dq, long long lddq, const Gradient<bfloat> &g, const Sizes &of, int tile, float scale) {
    using P = Product<WIDE>;
    SHARED(bfloat, memory);  // two stages of keys and values
    bfloat *stage = memory, *next = memory + 2 * P::kTile;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, row = tile * kRows + 16 * warp;
    typename P::Factor queries, outs;
    typename P::Sums sum;
    float lse[2], delta[2];
    P::clear(sum);
    P::load_both(next, g.q, g.dy, tile * kRows, of.dim);
    P::load_both(stage, g.k, g.v, 0, of.dim);
    cp_async_commit();
#pragma unroll
    for (int h = 0; h < 2; h++) {
        int t = row + lane / 4 + 8 * h;
        lse[h] = t < of.queries ? g.lse[t] * kLog2E : 0;
        delta[h] = t < of.queries ? g.delta[t] : 0;
    }
    cp_async_wait<0>();
    __syncthreads();
    P::left(queries, next + 16 * warp * P::kLine);
    P::left(outs, next + P::kTile + 16 * warp * P::kLine);
    for (int first = 0; first < of.keys; first += kRows) {
        P::ask_both(next, g.k, g.v, first + kRows, of.dim);
        int count = row < of.queries ? min(of.keys - first, kRows) : 0;
#pragma unroll 1
        for (int at = 0; at < count; at += 16) {
            const bfloat *keys = stage + at * P::kLine, *values = keys + P::kTile;
            Pair s;
            s.clear();
#pragma unroll
            for (int step = 0; step < P::kSteps; step++) {
                P::across(s.p, queries[step], keys, step);
                P::across(s.ds, outs[step], values, step);
            }
#pragma unroll
            for (int e = 0; e < 8; e++) {
                bool inside = at + e / 4 * 8 + lane % 4 * 2 + e % 2 < count;
                s.finish(e / 4, e % 4, inside, scale * kLog2E, lse[e / 2 % 2], delta[e / 2 % 2]);
            }
            uint32_t factor[4];
            rounded(factor, s.ds);
            P::down(sum, factor, keys);
        }
        bfloat *read = stage;
        stage = next, next = read;
    }
    if (row < of.queries) P::store(dq, lddq, of.queries, of.dim, row, sum, scale, scale);
}

}  // namespace attention

#define KEYS_B16(wide, blocks)                                                                                                        \
    KERNEL_BOUNDS(attention::kBlock, blocks, attention_backward_keys_##wide##_b16, bfloat *dk, bfloat *dv, long long lddk,            \
                  long long lddv, GRADIENT_PARAMETERS(bfloat)) {                                                                      \
        GRADIENT_OF(bfloat)                                                                                                           \
        attention::of_keys<wide>(dk ? dk + at.first(of, keys, lddk) : dk, dv ? dv + at.first(of, keys, lddv) : dv, lddk, lddv, g, of, \
                                 at.tile, scale);                                                                                     \
    }
PRODUCT_KERNELS(KEYS_B16, 3, 2, 2)

#define QUERIES_B16(wide, blocks)                                                                                                     \
    KERNEL_BOUNDS(attention::kBlock, blocks, attention_backward_queries_##wide##_b16, bfloat *dq, long long lddq,                     \
                  GRADIENT_PARAMETERS(bfloat)) {                                                                                      \
        GRADIENT_OF(bfloat)                                                                                                           \
        attention::of_queries<wide>(dq + at.first(of, queries, lddq), lddq, g, of, at.tile, scale);                                   \
    }
PRODUCT_KERNELS(QUERIES_B16, 4, 3, 2)
