// Packs rows for the tiled main loop (include/tile_layout.cuh), once a search, so that the loop copies chunks as
// they are. Half a warp takes a row, a thread eight elements at a time: it reads rows of up to 128 elements once,
// wider ones twice, the second time from the cache, and writes 16-byte units.
#include "../include/mma.cuh"
#include "../include/reduce.cuh"
#include "../include/tile_layout.cuh"

namespace distance_pack {

constexpr int kLanes = 16;  // of a row
constexpr int kUnit = 8;    // elements
constexpr uint32_t kInfinity = 0x7f800000;

// stays says whether a row of one part may stay as it is: if its largest element, as bits, is where the format has all its digits and sums
// of products are no subnormals.
__device__ __forceinline__ bool stays(TileFormat format, uint32_t largest) {
    constexpr uint32_t kOne = 127 << 23, kTwice = 1 << 23;
    if (format == kTileBf16) return largest >= kOne - 40 * kTwice && largest <= kOne + 40 * kTwice;
    return format == kTileHalf && largest >= kOne - 8 * kTwice && largest <= kOne + 13 * kTwice;
}

// Source is a row in memory; `fours` says that it can be read by 16 bytes.
struct Source {
    const float *x;
    int d;
    bool fours;
};

// load is elements 8u..8u+7 of a row, zeros behind its end.
__device__ __forceinline__ void load(float v[kUnit], const Source &row, int u) {
    if (row.fours) {
#pragma unroll
        for (int i = 0; i < kUnit; i += 4) {
            int k = kUnit * u + i;
            float4 four = k < row.d ? *reinterpret_cast<const float4 *>(row.x + k) : make_float4(0, 0, 0, 0);
            v[i] = four.x, v[i + 1] = four.y, v[i + 2] = four.z, v[i + 3] = four.w;
        }
        return;
    }
#pragma unroll
    for (int i = 0; i < kUnit; i++) v[i] = kUnit * u + i < row.d ? row.x[kUnit * u + i] : 0;
}

// Row is the factor that a row's elements are scaled by, and its length.
struct Row {
    float scale, back;  // 2^-e, 2^e
    uint32_t largest;   // the bits of the largest |x|: those of a NaN are above kInfinity
    double squares;
};

__device__ __forceinline__ void add(Row *r, const float v[kUnit]) {
#pragma unroll
    for (int i = 0; i < kUnit; i++) {
        r->largest = max(r->largest, __float_as_uint(v[i]) & 0x7fffffffu);
        r->squares += static_cast<double>(v[i]) * v[i];
    }
}

// finish combines what the lanes of a row have added, and finds the scale. It brings the largest element to
// 2^13..2^14, in a half's range with room for all 11 bits of lo. No row is scaled up by more than 2^126, the largest
// power whose inverse is no subnormal: then even subnormal elements are whole in hi + lo.
__device__ __forceinline__ void finish(Row *r, TileFormat format, bool is_x) {
#pragma unroll
    for (int step = kLanes / 2; step > 0; step /= 2) {
        r->largest = max(r->largest, __shfl_xor_sync(kWholeWarp, r->largest, step));
        r->squares += __shfl_xor_sync(kWholeWarp, r->squares, step);
    }
    r->scale = r->back = 1;
    if (is_x && stays(format, r->largest)) return;
    if (r->largest > 0 && r->largest < kInfinity) {
        int exponent = max(-126, static_cast<int>(r->largest >> 23) - 127 - 13);
        r->back = __uint_as_float(static_cast<uint32_t>(exponent + 127) << 23);
        r->scale = __uint_as_float(static_cast<uint32_t>(127 - exponent) << 23);
    }
}

// figures are a row's part in the scores: a factor for the product of two scaled rows and a number that is added.
// `twice` is 2 on one side of the squared distance -(|x|^2 + |y|^2 - 2 x.y), else 1. A row that is not finite has a
// NaN for a factor, so that all its scores are NaN and are computed again; the added number then tells a NaN in the
// row from infinities alone.
__device__ __forceinline__ float2 figures(const Row &r, int metric, float twice) {
    if (r.largest >= kInfinity) return make_float2(NAN, r.largest > kInfinity ? NAN : -INFINITY);
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

// unit writes elements 8u..8u+7, v, of row r of a tile; of a row that is not finite zeros.
__device__ __forceinline__ void unit(unsigned char *tile, TileFormat format, int r, int u, const float v[kUnit], const Row &row) {
    bool split = format == kTileSplit;
    int each = chunk_depth(split) / kUnit;
    uint32_t hi[4], lo[4];
#pragma unroll
    for (int i = 0; i < 4; i++) hi[i] = pair(format, v[2 * i] * row.scale, v[2 * i + 1] * row.scale, lo + i);
    uint4 high = make_uint4(hi[0], hi[1], hi[2], hi[3]), low = make_uint4(lo[0], lo[1], lo[2], lo[3]);
    if (row.largest >= kInfinity) high = low = make_uint4(0, 0, 0, 0);
    unsigned char *to = tile + u / each * kChunkBytes + unit_offset(split, r, u % each);
    *reinterpret_cast<uint4 *>(to) = high;
    if (split) *reinterpret_cast<uint4 *>(to + kPlaneBytes) = low;
}

}  // namespace distance_pack

// out [tiles, chunks, 16 KiB] and row_figures [tiles * 128] from x [rows, d], whose rows end before the last tile
// does: the others are zeros, and so are their figures. Rows of x that are one part stay as they are where the format has
// room for them: bounds of their scores (warpgroup_score.cuh) then need no factor.
KERNEL(distance_prepare, unsigned char *out, float2 *row_figures, const float *x, long long rows, int d,
       long long tiles, int chunks, int format, int metric, float twice, int is_x) {
    using namespace distance_pack;
    TileFormat as = static_cast<TileFormat>(format);
    int units = chunks * chunk_depth(as == kTileSplit) / kUnit;
    bool fours = d % 4 == 0 && reinterpret_cast<uintptr_t>(x) % 16 == 0;
    long long at_once = static_cast<long long>(gridDim.x) * (blockDim.x / kLanes);
    long long first = (blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x) / kLanes;
    int lane = threadIdx.x % kLanes;
    // The two rows of a warp are in one tile, so that it stays together.
    for (long long i = first; i < tiles * kTileRows; i += at_once) {
        Source source = {x + i * d, i < rows ? d : 0, fours};
        float own[kUnit], more[kUnit];
        Row row = {1, 1, 0, 0};
        load(own, source, lane);
        add(&row, own);
        for (int u = lane + kLanes; u * kUnit < d; u += kLanes) {
            load(more, source, u);
            add(&row, more);
        }
        finish(&row, as, is_x);
        if (lane == 0) row_figures[i] = i < rows ? figures(row, metric, twice) : make_float2(0, 0);
        unsigned char *tile = out + i / kTileRows * chunks * kChunkBytes;
        int r = static_cast<int>(i % kTileRows);
        if (lane < units) unit(tile, as, r, lane, own, row);
        for (int u = lane + kLanes; u < units; u += kLanes) {
            load(more, source, u);
            unit(tile, as, r, u, more, row);
        }
    }
}
