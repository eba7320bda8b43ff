// The forward pass in bfloat16: a warp has 16 queries and takes 64 keys at a time.
#include "product.cuh"

namespace attention {

// Softmax is what a warp has of its queries: their sums so far, and of rows g and g+8 the largest logit and the lane's part of the sum
// of probabilities. Logits are times log2(e).
template <int WIDE>
struct Softmax {
    using P = Product<WIDE>;
    typename P::Sums sum;
    float largest[2] = {-INFINITY, -INFINITY}, total[2] = {0, 0};

    // keys takes one tile: count of its rows are keys.
    __device__ __forceinline__ void keys(const typename P::Factor &queries, const bfloat *keys, const bfloat *values, int count,
                                         float scale) {
        float s[kRows / 16][2][4];
        logits(s, queries, keys, count, scale);
        probabilities(s);
#pragma unroll
        for (int j = 0; j < kRows / 16; j++) {
            if (16 * j >= count) break;
            uint32_t p[4];
            rounded(p, s[j]);
            P::down(sum, p, values + 16 * j * P::kLine);
        }
    }

    static __device__ __forceinline__ void logits(float (&s)[kRows / 16][2][4], const typename P::Factor &queries, const bfloat *keys,
                                                  int count, float scale) {
        int own = threadIdx.x % 4 * 2;
#pragma unroll
        for (int j = 0; j < kRows / 16; j++) {
#pragma unroll
            for (int e = 0; e < 8; e++) s[j][e / 4][e % 4] = 0;
            if (16 * j < count) {
#pragma unroll
                for (int step = 0; step < P::kSteps; step++) P::across(s[j], queries[step], keys + 16 * j * P::kLine, step);
            }
#pragma unroll
            for (int e = 0; e < 8; e++) {
                bool inside = 16 * j + e / 4 * 8 + own + e % 2 < count;
                s[j][e / 4][e % 4] = inside ? s[j][e / 4][e % 4] * scale : -INFINITY;
            }
        }
    }

    // fmaxf keeps a NaN out of the maximum: it reaches the row by its own exponential.
    __device__ __forceinline__ void probabilities(float (&s)[kRows / 16][2][4]) {
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float m = largest[h];
#pragma unroll
            for (int e = 0; e < kRows / 4; e++) m = fmaxf(m, s[e / 4][e / 2 % 2][2 * h + e % 2]);
            m = fmaxf(m, __shfl_xor_sync(kWholeWarp, m, 1));
            m = fmaxf(m, __shfl_xor_sync(kWholeWarp, m, 2));
            float factor = exp2f(largest[h] - m);
            largest[h] = m;
            total[h] *= factor;
#pragma unroll
            for (int n = 0; n < WIDE / 8; n++) sum[n][2 * h] *= factor, sum[n][2 * h + 1] *= factor;
#pragma unroll
            for (int e = 0; e < kRows / 4; e++) {
                float &p = s[e / 4][e / 2 % 2][2 * h + e % 2];
                p = exp2f(p - m);
                total[h] += p;
            }
        }
    }
};

template <int WIDE>
__device__ __forceinline__ void forward(bfloat *y, float *lse, const Rows<bfloat> &q, const Rows<bfloat> &k, const Rows<bfloat> &v,
                                        const Sizes &of, int tile, float scale) {
    using P = Product<WIDE>;
    SHARED(bfloat, memory);  // two stages of keys and values
    bfloat *stage = memory, *next = memory + 2 * P::kTile;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, row = tile * kRows + 16 * warp;
    typename P::Factor queries;
    Softmax<WIDE> own;
    P::clear(own.sum);
    P::template load<kRows>(next, q, tile * kRows, of.dim);
    P::load_both(stage, k, v, 0, of.dim);
    cp_async_commit();
    cp_async_wait<0>();
    __syncthreads();
    P::left(queries, next + 16 * warp * P::kLine);
    for (int first = 0; first < of.keys; first += kRows) {
        P::ask_both(next, k, v, first + kRows, of.dim);
        if (row < of.queries) own.keys(queries, stage, stage + P::kTile, min(of.keys - first, kRows), scale * kLog2E);
        bfloat *read = stage;
        stage = next, next = read;
    }
    if (row >= of.queries) return;
    float upper = over_quad(own.total[0]), lower = over_quad(own.total[1]);
#pragma unroll
    for (int h = 0; h < 2; h++) {
        int t = row + lane / 4 + 8 * h;
        if (lane % 4 == 0 && t < of.queries) lse[t] = own.largest[h] * kLn2 + logf(h ? lower : upper);
    }
    P::store(y, of.heads * static_cast<long long>(of.dim), of.queries, of.dim, row, own.sum, 1 / upper, 1 / lower);
}

}  // namespace attention

#define FORWARD_B16(wide, blocks)                                                                                                     \
    KERNEL_BOUNDS(attention::kBlock, blocks, attention_forward_##wide##_b16, bfloat *y, float *lse, const bfloat *q, const bfloat *k, \
                  const bfloat *v, long long ldq, long long ldk, long long ldv, int heads, int queries, int keys, int dim, int tiles, \
                  float scale) {                                                                                                      \
        attention::Sizes of = {heads, queries, keys, dim};                                                                            \
        attention::Place at(of, tiles);                                                                                               \
        attention::forward<wide>(y + at.first(of, queries, static_cast<long long>(heads) * dim), lse + at.values(of),                 \
                                 at.rows(q, of, queries, ldq), at.rows(k, of, keys, ldk), at.rows(v, of, keys, ldv), of, at.tile,     \
                                 scale);                                                                                              \
    }
PRODUCT_KERNELS(FORWARD_B16, 3, 3, 2)
