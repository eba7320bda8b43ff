// The products of wgmma m64nNk16: operands by descriptor, both K-major (PTX ISA, "Asynchronous Warpgroup Level Matrix Shared Memory
// Layout" and "Matrix Descriptor").
#include <immintrin.h>
#include <stdio.h>

#include "block.h"
#include "emu.h"

namespace udml {

constexpr int kRowsOfGroup = 64, kDepth = 16, kMostColumns = 256, kUnitBytes = 16;

typedef double Four __attribute__((vector_size(32)));

// Layout is a descriptor, taken apart: bytes of the shared window. A swizzle of 128, 64 or 32 bytes exchanges the 16-byte units of rows of
// so many bytes, eight rows being a pattern; without one, eight rows of 16 bytes lie together and `leading` is from one k to the next.
struct Layout {
    uint32_t start, leading, stride, line;
    int swizzle;  // 0, or the bits of a unit's number that are exchanged
};

static Layout layout_of(uint64_t descriptor) {
    auto field = [&](int bit) { return static_cast<uint32_t>(descriptor >> bit & 0x3fff) * kUnitBytes; };
    static const int bits[] = {0, 3, 2, 1};
    int swizzle = bits[descriptor >> 62];
    return {field(0), field(16), field(32), swizzle ? uint32_t(kUnitBytes) << swizzle : uint32_t(kUnitBytes), swizzle};
}

// place is where unit u (0 or 1, 8 elements) of a row lies in the shared window.
static uint32_t place(const Layout &of, int row, int u) {
    uint32_t unit = static_cast<uint32_t>(u), r = static_cast<uint32_t>(row);
    uint32_t at = of.start + r / 8 * of.stride + r % 8 * of.line + unit * (of.swizzle ? kUnitBytes : of.leading);
    return at ^ ((at >> 7 & ((1u << of.swizzle) - 1)) << 4);
}

static const char *problem(const Layout &of, uint64_t descriptor) {
    if (descriptor >> 49 & 7) return "a wgmma descriptor with a base offset: the operand must begin where a swizzle pattern does";
    if (of.swizzle && of.start % (8 * of.line) + 2 * kUnitBytes > of.line)
        return "a wgmma operand that does not begin in the first row of a swizzle pattern, or ends behind its line";
    return nullptr;
}

static const uint16_t *at_address(Worker *worker, uint32_t address) {
    return reinterpret_cast<const uint16_t *>(worker->shared + (address - udml_shared_address(worker->shared)));
}

// check_rows looks at the rows of an operand: in bounds in both builds, and in the check build read by the first lane of `reader`'s warp.
static void check_rows(Worker *worker, const Layout &of, int from, int to, int reader, Site site) {
    for (int row = from; row < to; row++)
        for (int u = 0; u < 2; u++) {
            uint32_t at = place(of, row, u);
            if (at < udml_shared_address(worker->shared) || at - udml_shared_address(worker->shared) + kUnitBytes > kMaxShared)
                fail(worker, kIllegalAddress, site, "a wgmma operand beyond the block's shared memory");
            check_operand(worker, at_address(worker, at), kUnitBytes, reader);
        }
}

void check_operands(Worker *worker, const Product &product, int first, Site site) {
    Layout left = layout_of(product.left), right = layout_of(product.right);
    const char *what = problem(left, product.left);
    if (!what) what = problem(right, product.right);
    if (what) fail(worker, kLaunchFailed, site, what);
    for (int warp = 0; warp < 4; warp++) {
        check_rows(worker, left, 16 * warp, 16 * warp + 16, first + kWarp * warp, site);
        check_rows(worker, right, 0, product.n, first + kWarp * warp, site);
    }
}

// gather is a row of an operand.
static void gather(Worker *worker, const Layout &of, int row, bool half, double (&to)[kDepth]) {
    for (int k = 0; k < kDepth; k++) {
        uint16_t bits = at_address(worker, place(of, row, k / 8))[k % 8];
        to[k] = half ? _cvtsh_ss(bits) : __uint_as_float(static_cast<uint32_t>(bits) << 16);
    }
}

// Products are exact in double; the sum over k and the accumulator is rounded once to float, as mma's is in matrix.cpp, so that the two
// give the same bits here.
void multiply_group(Worker *worker, const Product &product, float *sums) {
    Layout left = layout_of(product.left), right = layout_of(product.right);
    double held[kDepth];
    Four columns[kDepth][kMostColumns / 4];
    for (int column = 0; column < product.n; column++) {
        gather(worker, right, column, product.half, held);
        for (int k = 0; k < kDepth; k++) columns[k][column / 4][column % 4] = held[k];
    }
    for (int row = 0; row < kRowsOfGroup; row++) {
        gather(worker, left, row, product.half, held);
        for (int four = 0; four < product.n / 4; four++) {
            Four sum = {};
            for (int k = 0; k < kDepth; k++) sum += held[k] * columns[k][four];
            float *at = sums + row * product.n + four * 4;
            for (int i = 0; i < 4; i++) at[i] = static_cast<float>((product.keep ? at[i] : 0) + sum[i]);
        }
    }
}

}  // namespace udml
