// Warpgroups, mbarriers and bulk copies: right kernels against plain loops, and each wrong one with its report.
#include "cases.h"
#include "session.h"

typedef std::vector<uint16_t> Halves;

// Whole numbers from -3 to 3, exact in either format, in sums too.
static int whole(size_t i) { return static_cast<int>(i * 7 % 11 % 7) - 3; }

static uint16_t bits_of(int x, bool half) {
    uint16_t bits;
    if (half) {
        _Float16 h = static_cast<_Float16>(x);
        memcpy(&bits, &h, 2);
        return bits;
    }
    float f = static_cast<float>(x);
    uint32_t wide;
    memcpy(&wide, &f, 4);
    return static_cast<uint16_t>(wide >> 16);
}

// swizzled is the element's place in lines of so many bytes, whose 16-byte units are exchanged in the pattern of the hardware.
static size_t swizzled(size_t row, size_t k, size_t line) {
    size_t at = row * line + k * 2, mask = line / 16 - 1;
    return (at ^ (at >> 7 & mask) << 4) / 2;
}

static int want(size_t row, size_t column, size_t depth) {
    int sum = 0;
    for (size_t k = 0; k < depth; k++) sum += whole(row * depth + k) * whole(1000 + column * depth + k);
    return sum;
}

static void expect_products(const std::vector<float> &d, size_t rows, size_t depth) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < 128; j++) expect(d[i * 128 + j] == static_cast<float>(want(i, j, depth)));
}

template <bool half>
static CUresult chunks() {
    Session session;
    const size_t steps = 5, depth = 64 * steps, rows = 128;
    Halves a(rows * depth), b(128 * depth);
    for (size_t k = 0; k < depth; k++) {
        for (size_t r = 0; r < rows; r++)
            a[(r / 64 * steps + k / 64) * 4096 + swizzled(r % 64, k % 64, 128)] = bits_of(whole(r * depth + k), half);
        for (size_t r = 0; r < 128; r++) b[k / 64 * 8192 + swizzled(r, k % 64, 128)] = bits_of(whole(1000 + r * depth + k), half);
    }
    CUdeviceptr d = allocate(rows * 128 * 4);
    const char *kernel = half ? "right_wgmma_f16" : "right_wgmma_bf16";
    const unsigned shared = 1152 + 2 * 32768;
    must(cuFuncSetAttribute(session.function(kernel), CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared));
    must(cuFuncSetAttribute(session.function(kernel), CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT,
                            CU_SHAREDMEM_CARVEOUT_MAX_SHARED));
    must(session.run(kernel, 1, 384, shared, d, upload(a), upload(b), static_cast<int>(steps)));
    expect_products(download<float>(d, rows * 128), rows, depth);
    return CUDA_SUCCESS;
}

// once multiplies 16 k of operands whose element (row, k) is where `place` says.
static CUresult once(const char *kernel, size_t line, size_t (*place)(size_t row, size_t k), int stride, int leading) {
    Session session;
    Halves a(64 * line / 2), b(128 * line / 2);
    for (size_t k = 0; k < 16; k++) {
        for (size_t r = 0; r < 64; r++) a[place(r, k)] = bits_of(whole(r * 16 + k), false);
        for (size_t r = 0; r < 128; r++) b[place(r, k)] = bits_of(whole(1000 + r * 16 + k), false);
    }
    CUdeviceptr d = allocate(64 * 128 * 4);
    must(session.run(kernel, 1, 128, static_cast<unsigned>(1152 + 192 * line), d, upload(a), upload(b), stride, leading));
    expect_products(download<float>(d, 64 * 128), 64, 16);
    return CUDA_SUCCESS;
}

static size_t in_lines64(size_t row, size_t k) { return swizzled(row, k, 64); }
// Eight rows of 8 k are 128 bytes; the other 8 k lie behind them, and then the next eight rows.
static size_t in_units(size_t row, size_t k) { return row / 8 * 128 + k / 8 * 64 + row % 8 * 8 + k % 8; }

static CUresult lines64() { return once("right_wgmma_lines64", 64, in_lines64, 512, 0); }
static CUresult units() { return once("right_wgmma_units", 32, in_units, 256, 128); }

template <unsigned threads>
static CUresult wrong(const char *kernel) {
    Session session;
    return session.run(kernel, 1, threads, 1024 + 16384, upload(std::vector<float>(512)), upload(std::vector<float>(4096)));
}
template <unsigned threads>
static CUresult wrong_alone(const char *kernel) {
    Session session;
    return session.run(kernel, 1, threads, 1024 + 16384, upload(std::vector<float>(512)));
}
static CUresult wrong_with(const char *kernel, unsigned threads, int a, int b) {
    Session session;
    return session.run(kernel, 1, threads, 1024 + 16384, upload(std::vector<float>(512)), upload(std::vector<float>(4096)), a, b);
}

static CUresult early_read() { return wrong<32>("wrong_early_read"); }
static CUresult other_waits() { return wrong<64>("wrong_other_waits"); }
static CUresult overwrite() { return wrong<64>("wrong_overwrite"); }
static CUresult bulk_address() { return wrong_with("wrong_bulk_alignment", 1, 1, 128); }
static CUresult bulk_size() { return wrong_with("wrong_bulk_alignment", 1, 0, 120); }
static CUresult bulk_bounds() { return wrong_with("wrong_bulk_alignment", 1, 4, 16384); }
static CUresult expected() { return wrong<32>("wrong_expect"); }
static CUresult arrivals() { return wrong_alone<32>("wrong_arrivals"); }
static CUresult no_init() { return wrong_alone<32>("wrong_no_init"); }
static CUresult init_unseen() { return wrong_alone<64>("wrong_init_unseen"); }
static CUresult left_behind() { return wrong<32>("wrong_left_behind"); }
static CUresult no_wait() { return wrong<128>("wrong_no_wgmma_wait"); }
static CUresult no_fence() { return wrong<128>("wrong_no_wgmma_fence"); }
static CUresult stride() { return wrong_with("wrong_descriptor", 128, 0, 1280); }
static CUresult beyond_line() { return wrong_with("wrong_descriptor", 128, 112, 1024); }
static CUresult stored() { return wrong_alone<128>("wrong_stored_operand"); }
static CUresult early_release() { return wrong<256>("wrong_early_release"); }
static CUresult part() { return wrong_alone<96>("wrong_part_of_warpgroup"); }
static CUresult registers() { return wrong_alone<384>("wrong_registers"); }
static CUresult no_registers() { return wrong_alone<384>("wrong_no_registers"); }
static CUresult part_takes() { return wrong_alone<384>("wrong_part_takes"); }
static CUresult named_count() { return wrong_alone<96>("wrong_named_count"); }
static CUresult named_missing() { return wrong_alone<64>("wrong_named_missing"); }
static CUresult named_outsider() { return wrong_alone<96>("wrong_named_outsider"); }

static std::vector<Case> wrong_copies() {
    const CUresult launch = CUDA_ERROR_LAUNCH_FAILED, address = CUDA_ERROR_ILLEGAL_ADDRESS, misaligned = CUDA_ERROR_MISALIGNED_ADDRESS;
    return {
        {"read before the phase of an mbarrier", kCheckBuild, early_read, launch,
         {"use before the bulk copy's phase", "wrong_wgmma.cu:"}, {}},
        {"read without a wait for the mbarrier", kCheckBuild, other_waits, launch, {"bulk copy", "thread (32,0,0)"}, {}},
        {"bulk copy over what is still read", kCheckBuild, overwrite, launch, {"race in a block: bulk copy", "has read"},
            {"UDML_EMU_SEED=3"}},
        {"bulk copy from a misaligned address", kBothBuilds, bulk_address, misaligned, {"an address that is no multiple of 16"}, {}},
        {"bulk copy of a wrong size", kBothBuilds, bulk_size, misaligned, {"a bulk copy of no multiple of 16 bytes"}, {}},
        {"bulk copy out of bounds", kCheckBuild, bulk_bounds, address, {"global memory out of bounds"}, {}},
        {"wrong count of bytes", kBothBuilds, expected, launch,
         {"deadlock", "mbarrier 0, whose phase 0 lacks 0 arrivals and 16 bytes"}, {}},
        {"too many arrivals", kBothBuilds, arrivals, launch, {"more arrivals at an mbarrier than its phase has"}, {}},
        {"mbarrier without initialisation", kBothBuilds, no_init, launch, {"an mbarrier that is not initialised"}, {}},
        {"mbarrier initialised without a barrier", kCheckBuild, init_unseen, launch, {"race in a block: read of 8 bytes"}, {}},
        {"bulk copy that nobody waits for", kCheckBuild, left_behind, launch, {"has ended before a bulk copy"}, {}},
    };
}

static std::vector<Case> wrong_groups() {
    const CUresult launch = CUDA_ERROR_LAUNCH_FAILED, address = CUDA_ERROR_ILLEGAL_ADDRESS;
    return {
        {"accumulator read before wgmma_wait", kCheckBuild, no_wait, launch, {"use of an accumulator before wgmma_wait", "wrong_wgmma.cu:"},
            {}},
        {"wgmma without wgmma_fence", kBothBuilds, no_fence, launch, {"wgmma without a wgmma_fence"}, {}},
        {"wrong stride of a descriptor", kCheckBuild, stride, address, {"dynamic shared memory out of bounds: read by wgmma"}, {}},
        {"operand behind its line", kBothBuilds, beyond_line, launch, {"ends behind its line"}, {}},
        {"operand by ordinary stores", kCheckBuild, stored, launch, {"an operand that no bulk copy has brought"}, {}},
        {"operand given back too early", kCheckBuild, early_release, launch, {"wrong_early_release"}, {}},
        {"part of a warpgroup", kBothBuilds, part, launch, {"a warpgroup that is not whole"}, {}},
        {"odd number of registers", kBothBuilds, registers, launch, {"setmaxnreg to a number that is no multiple of 8"}, {}},
        {"registers that nobody gives", kBothBuilds, no_registers, launch, {"deadlock", "waits in setmaxnreg of its warpgroup"}, {}},
        {"setmaxnreg by two warps", kBothBuilds, part_takes, launch, {"deadlock", "waits in setmaxnreg of its warpgroup"}, {}},
        {"named barrier of two counts", kBothBuilds, named_count, launch, {"a named barrier for another number of threads"}, {}},
        {"named barrier that waits for more", kBothBuilds, named_missing, launch, {"deadlock", "named barrier 2, where 32 of 64"}, {}},
        {"read outside of a named barrier", kCheckBuild, named_outsider, launch, {"race in a block"}, {}},
    };
}

std::vector<Case> wgmma_cases() {
    std::vector<Case> cases;
    for (const char *seed : {"0", "1", "12345"}) {
        std::vector<std::string> order = {std::string("UDML_EMU_SEED=") + seed};
        cases.push_back({"wgmma bf16", kBothBuilds, chunks<false>, CUDA_SUCCESS, {}, order});
        cases.push_back({"wgmma f16", kBothBuilds, chunks<true>, CUDA_SUCCESS, {}, order});
    }
    cases.push_back({"wgmma of 64-byte lines", kBothBuilds, lines64, CUDA_SUCCESS, {}, {}});
    cases.push_back({"wgmma of 16-byte units", kBothBuilds, units, CUDA_SUCCESS, {}, {}});
    for (const auto &list : {wrong_copies(), wrong_groups()}) cases.insert(cases.end(), list.begin(), list.end());
    return cases;
}
