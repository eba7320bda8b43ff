// What the kernels of attention's gradients read, in either type.
#pragma once
#include "place.cuh"

namespace attention {

// Gradient are the operands of a head, and delta, which is dy . y, and lse of each of its queries.
template <typename S>
struct Gradient {
    Rows<S> q, k, v, dy;
    const float *lse, *delta;
};

}  // namespace attention

#define GRADIENT_PARAMETERS(S)                                                                                                     \
    const S *q, const S *k, const S *v, const S *dy, const float *lse, const float *delta, long long ldq, long long ldk,           \
        long long ldv, int heads, int queries, int keys, int dim, int tiles, float scale
#define GRADIENT_OF(S)                                                                                                             \
    attention::Sizes of = {heads, queries, keys, dim};                                                                             \
    attention::Place at(of, tiles);                                                                                                \
    attention::Gradient<S> g = {at.rows(q, of, queries, ldq), at.rows(k, of, keys, ldk), at.rows(v, of, keys, ldv),                \
                                at.rows(dy, of, queries, static_cast<long long>(heads) * dim), lse + at.values(of),                \
                                delta + at.values(of)};
