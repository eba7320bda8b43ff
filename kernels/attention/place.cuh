// Where a block of the kernels of attention works, in either type.
#pragma once
#include "../include/kernel.cuh"

namespace attention {

// Sizes of a call. images x heads x tiles are the blocks.
struct Sizes {
    int heads, queries, keys, dim;
};

// Rows is an operand: a head's columns of an image's rows.
template <typename S>
struct Rows {
    const S *at;
    long long ld;
    int rows;
};

// Place is the head of a block, and its tile among the tiles of that head.
struct Place {
    int image, head, tile;

    __device__ __forceinline__ Place(const Sizes &of, int tiles) {
        int each = blockIdx.x / tiles;
        image = each / of.heads;
        head = each % of.heads;
        tile = blockIdx.x % tiles;
    }
    __device__ __forceinline__ long long first(const Sizes &of, int rows, long long ld) const {
        return static_cast<long long>(image) * rows * ld + head * of.dim;
    }
    template <typename S>
    __device__ __forceinline__ Rows<S> rows(const S *from, const Sizes &of, int rows, long long ld) const {
        return {from + first(of, rows, ld), ld, rows};
    }
    // The head's values, one a query.
    __device__ __forceinline__ long long values(const Sizes &of) const {
        return (static_cast<long long>(image) * of.heads + head) * of.queries;
    }
};

}  // namespace attention
