// Which column tiles may hold a label of a block's rows.
#pragma once
#include "../include/reduce.cuh"
#include "../include/tile_layout.cuh"

// Labels are those of rows x and y [n], [m], and for each of their tiles the least and the largest in it.
struct Labels {
    const int *x, *y;
    const int2 *x_range, *y_range;
};

#define LABEL_PARAMETERS const int *labels_x, const int *labels_y, const int2 *range_x, const int2 *range_y
#define LABELS Labels{labels_x, labels_y, range_x, range_y}

// shared_labels are the block's column tiles that may have one of the labels from own.x to own.y, from the first of them to the last: of
// rows in the order of their labels one to three. Each warp finds them for itself.
__device__ __forceinline__ int2 shared_labels(const TileProblem &p, const Labels &labels, int2 own) {
    int first = blockIdx.y * p.per, end = first + tile_part(p), from = end, to = first;
    for (int tile = first + threadIdx.x % 32; tile < end; tile += 32) {
        int2 other = labels.y_range[tile];
        if (other.x <= own.y && own.x <= other.y) from = min(from, tile), to = tile + 1;
    }
    return make_int2(warp_reduce(from, Min()), warp_reduce(to, Max()));
}
