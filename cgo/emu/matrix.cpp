// mma and ldmatrix for a whole warp; kernels/include/mma.cuh says which elements each lane holds.
#include <immintrin.h>
#include <string.h>

#include "block.h"

namespace udml {

constexpr int kRows = 16, kColumns = 8;

// Half is four of a row's eight columns: one register of the CPU.
typedef double Half __attribute__((vector_size(32)));

struct Operands {
    double a[kRows][16];
    union {
        double b[16][kColumns];
        Half halves[16][2];
    };
    int depth;
};

static double value_f16(uint32_t bits) { return _cvtsh_ss(static_cast<uint16_t>(bits)); }
static double value_bf16(uint32_t bits) { return __uint_as_float(bits << 16); }

// A tensor core ignores the bits of a float that tf32 does not have.
static double value_tf32(uint32_t bits) { return __uint_as_float(bits & 0xffffe000); }

template <double value(uint32_t)>
static void gather_halves(Operands *to, Request *const lanes[kWarp]) {
    to->depth = 16;
    for (int lane = 0; lane < kWarp; lane++) {
        int group = lane / 4, pair = lane % 4 * 2;
        const uint32_t *a = lanes[lane]->a, *b = lanes[lane]->b;
        for (int i = 0; i < 4; i++) {
            double *at = &to->a[group + i % 2 * 8][pair + i / 2 * 8];
            at[0] = value(a[i] & 0xffff), at[1] = value(a[i] >> 16);
        }
        for (int i = 0; i < 2; i++) {
            double *at = &to->b[pair + i * 8][group];
            at[0] = value(b[i] & 0xffff), at[kColumns] = value(b[i] >> 16);
        }
    }
}

static void gather_tf32(Operands *to, Request *const lanes[kWarp]) {
    to->depth = 8;
    for (int lane = 0; lane < kWarp; lane++) {
        int group = lane / 4, place = lane % 4;
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) to->a[group + i % 2 * 8][place + i / 2 * 4] = value_tf32(lanes[lane]->a[i]);
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) to->b[place + i * 4][group] = value_tf32(lanes[lane]->b[i]);
    }
}

// kTogether rows are added side by side: each sum waits for its own last addition.
constexpr int kTogether = 4;

static void add_rows(const Operands &of, int first, Half (*sums)[2]) {
    Half left[kTogether] = {}, right[kTogether] = {};
    for (int k = 0; k < of.depth; k++) {
        Half b0 = of.halves[k][0], b1 = of.halves[k][1];
#pragma GCC unroll 4
        for (int i = 0; i < kTogether; i++) {
            left[i] += of.a[first + i][k] * b0;
            right[i] += of.a[first + i][k] * b1;
        }
    }
    for (int i = 0; i < kTogether; i++) sums[i][0] = left[i], sums[i][1] = right[i];
}

void multiply(Request *const lanes[kWarp]) {
    Operands operands;
    union {
        double sum[kRows][kColumns];
        Half halves[kRows][2];
    };
    if (lanes[0]->kind == kMmaTf32) gather_tf32(&operands, lanes);
    else if (lanes[0]->kind == kMmaF16) gather_halves<value_f16>(&operands, lanes);
    else gather_halves<value_bf16>(&operands, lanes);
    for (int i = 0; i < kRows; i += kTogether) add_rows(operands, i, halves + i);
    for (int lane = 0; lane < kWarp; lane++) {
        float *d = lanes[lane]->d;
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
            d[i] = static_cast<float>(d[i] + sum[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2]);
    }
}

static uint16_t element(Request *const lanes[kWarp], int tile, int row, int column) {
    uint16_t held[8];
    memcpy(held, lanes[8 * tile + row]->row, sizeof held);
    return held[column];
}

void load_matrix(Request *const lanes[kWarp]) {
    bool trans = lanes[0]->operation;
    for (int lane = 0; lane < kWarp; lane++)
        for (int tile = 0; tile < lanes[lane]->operand; tile++) {
            int row = lane / 4, column = lane % 4 * 2;
            uint32_t low = trans ? element(lanes, tile, column, row) : element(lanes, tile, row, column);
            uint32_t high = trans ? element(lanes, tile, column + 1, row) : element(lanes, tile, row, column + 1);
            lanes[lane]->r[tile] = low | high << 16;
        }
}

}  // namespace udml
