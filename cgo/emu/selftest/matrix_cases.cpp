// The wrappers of mma.cuh against plain loops, and the conversions against the compiler's own.
#include <math.h>

#include "cases.h"
#include "session.h"

// The 16-bit formats as the host's compiler rounds them: _Float16 is exact IEEE; a bfloat16 is found by search.
static uint16_t half_bits(float x) {
    _Float16 h = static_cast<_Float16>(x);
    uint16_t bits;
    memcpy(&bits, &h, 2);
    return bits;
}

static float brain_value(uint16_t bits) {
    uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float x;
    memcpy(&x, &wide, 4);
    return x;
}

static float half_value(uint16_t bits) {
    _Float16 h;
    memcpy(&h, &bits, 2);
    return static_cast<float>(h);
}

static CUresult multiply(const char *kernel, float (*value)(uint16_t), uint16_t one) {
    Session session;
    std::vector<uint16_t> a(256), b(128);  // values between one and two, in the format's own steps
    for (size_t i = 0; i < 256; i++) a[i] = static_cast<uint16_t>(one + i * 5 % 128);
    for (size_t i = 0; i < 128; i++) b[i] = static_cast<uint16_t>((one + i * 11 % 128) | (i % 3 ? 0 : 0x8000));
    CUdeviceptr d = allocate(128 * 4);
    must(session.run(kernel, 1, 32, 0, d, upload(a), upload(b)));
    auto y = download<float>(d, 128);
    for (size_t i = 0; i < 16; i++)
        for (size_t j = 0; j < 8; j++) {
            double want = 0;
            for (size_t k = 0; k < 16; k++) want += static_cast<double>(value(a[i * 16 + k])) * value(b[k * 8 + j]);
            expect(y[i * 8 + j] == static_cast<float>(want));
        }
    return CUDA_SUCCESS;
}

static CUresult mma_f16() { return multiply("right_mma_f16", half_value, half_bits(1)); }
static CUresult mma_bf16() { return multiply("right_mma_bf16", brain_value, 0x3f80); }

static CUresult mma_tf32() {
    Session session;
    auto a = counting<float>(128, 7, 97), b = counting<float>(64, 5, 31);
    for (float &x : a) x = 1 + x / 128;
    for (float &x : b) x = 1 + x / 1024;
    CUdeviceptr d = allocate(128 * 4);
    must(session.run("right_mma_tf32", 1, 32, 0, d, upload(a), upload(b)));
    auto y = download<float>(d, 128);
    for (size_t i = 0; i < 16; i++)
        for (size_t j = 0; j < 8; j++) {
            double want = 0;
            for (size_t k = 0; k < 8; k++) want += static_cast<double>(a[i * 8 + k]) * b[k * 8 + j];
            expect(y[i * 8 + j] == static_cast<float>(want));
        }
    return CUDA_SUCCESS;
}

static CUresult ldmatrix() {
    Session session;
    auto x = counting<uint16_t>(256);  // row r of tile j is elements (8j + r) * 8 and on
    CUdeviceptr out = allocate(320 * 4);
    must(session.run("right_ldmatrix", 1, 32, 512, out, upload(x)));
    auto y = download<uint32_t>(out, 320);
    for (uint32_t lane = 0; lane < 32; lane++)
        for (uint32_t tile = 0; tile < 4; tile++) {
            uint32_t row = lane / 4, column = lane % 4 * 2, at = tile * 64;
            uint32_t plain = (at + row * 8 + column) | (at + row * 8 + column + 1) << 16;
            uint32_t turned = (at + column * 8 + row) | (at + (column + 1) * 8 + row) << 16;
            expect(y[tile * 32 + lane] == plain);
            expect(y[128 + tile * 32 + lane] == turned);
            if (tile < 2) expect(y[256 + tile * 32 + lane] == plain);
        }
    return CUDA_SUCCESS;
}

static CUresult pipeline() {
    Session session;
    const int n = 500;
    auto x = counting<float>(n, 3, 101);
    CUdeviceptr out = allocate(64 * 4);
    must(session.run("right_pipeline", 1, 32, 0, out, upload(x), n));
    auto y = download<float>(out, 64);
    for (size_t lane = 0; lane < 32; lane++) {
        float want = 0;
        for (size_t i = lane; i < n; i += 32) want += x[i];
        expect(y[lane] == want);
        expect(y[32 + lane] == (lane % 2 ? 0 : x[lane]));
    }
    return CUDA_SUCCESS;
}

// Every exponent, with mantissas at and beside the points where rounding turns, both signs, and the special values.
static std::vector<float> hard_floats() {
    std::vector<float> x;
    for (uint32_t exponent = 0; exponent < 256; exponent++)
        for (uint32_t mantissa : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x3000u, 0x7fffu, 0x8000u, 0x8001u, 0x18000u, 0x7fefffu, 0x7ff000u,
            0x7fffffu, 0x400000u, 0x600000u, 0x555555u})
            for (uint32_t sign : {0u, 1u}) {
                uint32_t bits = sign << 31 | exponent << 23 | mantissa;
                float v;
                memcpy(&v, &bits, 4);
                x.push_back(v);
            }
    return x;
}

// nearest is a float rounded to `kept` mantissa bits, by its two neighbours: an own way, slow and plain.
static uint32_t nearest(float x, int kept, bool ties_to_even) {
    uint32_t bits, unit = 1u << (23 - kept);
    memcpy(&bits, &x, 4);
    uint32_t low = bits & ~(unit - 1), rest = bits - low;
    if (isinf(x) || rest < unit / 2) return low;
    if (rest == unit / 2 && ties_to_even && !(low & unit)) return low;
    return low + unit;
}

static CUresult conversions() {
    Session session;
    auto x = hard_floats();
    size_t n = x.size();
    CUdeviceptr half = allocate(n * 2), brain = allocate(n * 2), tf32 = allocate(n * 4), wide = allocate(n * 8);
    must(session.run("right_conversions", static_cast<unsigned>((n + 127) / 128), 128, 0, half, brain, tf32, wide, upload(x),
        static_cast<int>(n)));
    auto h = download<uint16_t>(half, n), b = download<uint16_t>(brain, n);
    auto t = download<uint32_t>(tf32, n);
    auto w = download<float>(wide, 2 * n);
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            expect(h[i] == 0x7fff && b[i] == 0x7fff && t[i] == 0x7fffffff && isnan(w[2 * i]) && isnan(w[2 * i + 1]));
            continue;
        }
        expect(h[i] == half_bits(x[i]));
        expect(b[i] == nearest(x[i], 7, true) >> 16);
        expect(t[i] == nearest(x[i], 10, false));
        expect(w[2 * i] == half_value(h[i]) && signbit(w[2 * i]) == signbit(x[i]));
        expect(w[2 * i + 1] == brain_value(b[i]));
    }
    return CUDA_SUCCESS;
}

std::vector<Case> matrix_cases() {
    return {
        {"mma f16", kBothBuilds, mma_f16, CUDA_SUCCESS, {}, {}},
        {"mma bf16", kBothBuilds, mma_bf16, CUDA_SUCCESS, {}, {"UDML_EMU_SEED=2"}},
        {"mma tf32", kBothBuilds, mma_tf32, CUDA_SUCCESS, {}, {}},
        {"ldmatrix", kBothBuilds, ldmatrix, CUDA_SUCCESS, {}, {"UDML_EMU_SEED=3"}},
        {"pipeline of asynchronous copies", kBothBuilds, pipeline, CUDA_SUCCESS, {}, {}},
        {"conversions", kBothBuilds, conversions, CUDA_SUCCESS, {}, {}},
    };
}
