// Packs rows for the tiled main loop (include/tile_layout.cuh), once a search, so that the loop copies chunks as
// they are. A warp takes a row: it reads it twice, the second time from the cache, and writes 16-byte units.
#include "../include/mma.cuh"
#include "../include/reduce.cuh"
#include "../include/tile_layout.cuh"

namespace distance_pack {

// Row is the factor that a row's elements are scaled by, and its length.
struct Row {
    float scale, back;  // 2^-e, 2^e
    float largest;      // NaN where there is one
    double squares;
};

// measure brings the largest element to 2^13..2^14, in a half's range with room for all 11 bits of lo. No row is
// scaled up by more than 2^126, the largest power whose inverse is no subnormal: then even subnormal elements are
// whole in hi + lo.
__device__ __forceinline__ Row measure(const float *x, int d) {
    Row r = {1, 1, 0, 0};
    for (int k = threadIdx.x % 32; k < d; k += 32) {
        float v = x[k];
        r.largest = Max()(r.largest, fabsf(v));
        r.squares += static_cast<double>(v) * v;
    }
    r.largest = warp_max(r.largest);
    r.squares = warp_sum(r.squares);
    if (r.largest > 0 && r.largest < INFINITY) {
        int exponent = max(-126, static_cast<int>(__float_as_uint(r.largest) >> 23) - 127 - 13);
        r.back = __uint_as_float(static_cast<uint32_t>(exponent + 127) << 23);
        r.scale = __uint_as_float(static_cast<uint32_t>(127 - exponent) << 23);
    }
    return r;
}

// figures are a row's part in the scores: a factor for the product of two scaled rows and a number that is added.
// `twice` is 2 on one side of the squared distance -(|x|^2 + |y|^2 - 2 x.y), else 1. A row that is not finite has a
// NaN for a factor, so that all its scores are NaN and are computed again; the added number then tells a NaN in the
// row from infinities alone.
__device__ __forceinline__ float2 figures(const Row &r, int metric, float twice) {
    if (!(r.largest < INFINITY)) return make_float2(NAN, r.largest != r.largest ? NAN : -INFINITY);
    if (metric == kCosine) return make_float2(static_cast<float>(r.back / max(sqrt(r.squares), 1e-12)), 0);
    return make_float2(twice * r.back, metric == kSquaredL2 ? -static_cast<float>(r.squares) : 0);
}

// pair is two elements in the format, as bits; lo is the rest that a half cannot hold.
__device__ __forceinline__ uint32_t pair(TileFormat format, float a, float b, uint32_t *lo) {
    if (format == kTileBf16) return pack2(bf16_from(a), bf16_from(b));
    uint16_t first = f16_from(a), second = f16_from(b);
    *lo = pack2(f16_from(a - f16_to(first)), f16_from(b - f16_to(second)));
    return pack2(first, second);
}

__device__ __forceinline__ float element(const float *x, int k, int d, float scale) { return k < d ? x[k] * scale : 0; }

// unit writes elements 8u..8u+7 of row r of a tile.
__device__ __forceinline__ void unit(unsigned char *tile, TileFormat format, int r, int u, const float *x, int d,
                                     float scale) {
    bool split = format == kTileSplit;
    int each = chunk_depth(split) / 8;
    uint32_t hi[4], lo[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int k = 8 * u + 2 * i;
        hi[i] = pair(format, element(x, k, d, scale), element(x, k + 1, d, scale), lo + i);
    }
    unsigned char *to = tile + u / each * kChunkBytes + unit_offset(split, r, u % each);
    *reinterpret_cast<uint4 *>(to) = make_uint4(hi[0], hi[1], hi[2], hi[3]);
    if (split) *reinterpret_cast<uint4 *>(to + kPlaneBytes) = make_uint4(lo[0], lo[1], lo[2], lo[3]);
}

}  // namespace distance_pack

// out [tiles, chunks, 16 KiB] and row_figures [tiles * 128] from x [rows, d], whose rows end before the last tile
// does: the others are zeros, and so are their figures.
KERNEL(distance_prepare, unsigned char *out, float2 *row_figures, const float *x, long long rows, int d,
       long long tiles, int chunks, int format, int metric, float twice) {
    TileFormat as = static_cast<TileFormat>(format);
    int units = chunks * chunk_depth(as == kTileSplit) / 8;
    long long warps = static_cast<long long>(gridDim.x) * (blockDim.x / 32);
    long long first = (blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x) / 32;
    for (long long i = first; i < tiles * kTileRows; i += warps) {
        int d_here = i < rows ? d : 0;
        distance_pack::Row row = distance_pack::measure(x + i * d, d_here);
        bool finite = row.largest < INFINITY;
        if (threadIdx.x % 32 == 0) {
            row_figures[i] = i < rows ? distance_pack::figures(row, metric, twice) : make_float2(0, 0);
        }
        unsigned char *tile = out + i / kTileRows * chunks * kChunkBytes;
        for (int u = threadIdx.x % 32; u < units; u += 32)
            distance_pack::unit(tile, as, i % kTileRows, u, x + i * d, finite ? d_here : 0, row.scale);
    }
}
