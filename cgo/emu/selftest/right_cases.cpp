// Kernels that are right must give the right numbers, in any order of their warps, and no report.
#include <algorithm>

#include "cases.h"
#include "session.h"

static CUresult sum() {
    Session session;
    const int n = 1000;
    auto x = counting<float>(3 * n, 7, 13);
    CUdeviceptr in = upload(x), out = allocate(3 * sizeof(float));
    must(session.run("right_sum", 3, 256, 0, out, in, n));
    auto y = download<float>(out, 3);
    for (int b = 0; b < 3; b++) {
        float want = 0;
        for (int i = 0; i < n; i++) want += x[static_cast<size_t>(b * n + i)];
        expect(y[static_cast<size_t>(b)] == want);
    }
    return CUDA_SUCCESS;
}

static CUresult extremes() {
    Session session;
    auto x = counting<int>(777, 31, 1009);
    CUdeviceptr in = upload(x), least = allocate(8), most = allocate(4);
    must(session.run("right_extremes", 1, 128, 0, least, most, in, 777));
    expect(download<double>(least, 1)[0] == *std::min_element(x.begin(), x.end()));
    expect(download<int>(most, 1)[0] == *std::max_element(x.begin(), x.end()));
    return CUDA_SUCCESS;
}

static CUresult transpose() {
    Session session;
    const int rows = 70, columns = 45;
    auto x = counting<float>(rows * columns);
    CUdeviceptr in = upload(x), out = allocate(x.size() * 4);
    must(session.run("right_transpose", {2, 3}, {32, 8}, 0, out, in, rows, columns));
    auto y = download<float>(out, x.size());
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            expect(y[static_cast<size_t>(j * rows + i)] == x[static_cast<size_t>(i * columns + j)]);
    return CUDA_SUCCESS;
}

static CUresult warp() {
    Session session;
    auto x = counting<int>(32);
    CUdeviceptr in = upload(x), out = allocate(32 * 12 * 4);
    must(session.run("right_warp", 1, 32, 0, out, in));
    auto y = download<int>(out, 32 * 12);
    for (int lane = 0; lane < 32; lane++) {
        const int want[12] = {
            (lane + 5) % 32,
            lane < 3 ? lane : lane - 3,
            lane > 28 ? lane : lane + 3,
            lane ^ 17,
            lane / 8 * 8 + 1,
            static_cast<int>(0xaaaaaaaa),
            3,
            31 * 16,
            0,
            (lane % 16 == 15 ? lane : lane + 1) * 3,
            lane ^ 1,
            lane < 16 ? 0xffff : 8,
        };
        for (int i = 0; i < 12; i++) expect(y[static_cast<size_t>(lane * 12 + i)] == want[i]);
    }
    return CUDA_SUCCESS;
}

static CUresult votes() {
    Session session;
    const int n = 70;  // of 96 threads, the others return before the barriers
    CUdeviceptr out = allocate(n * 3 * 4);
    must(session.run("right_votes", 1, 96, 0, out, n));
    auto y = download<int>(out, n * 3);
    for (size_t i = 0; i < n; i++) {
        expect(y[i * 3] == 24);
        expect(y[i * 3 + 1] == 1);
        expect(y[i * 3 + 2] == 0);
    }
    return CUDA_SUCCESS;
}

static CUresult histogram() {
    Session session;
    const int n = 5000;
    auto x = counting<unsigned>(n, 37, 4096);
    std::vector<int> want(16), zeros(16);
    unsigned long long total = 0;
    for (unsigned v : x) want[v % 16]++, total += static_cast<unsigned long long>(v) << 16;
    CUdeviceptr in = upload(x), bins = upload(zeros), largest = upload(std::vector<unsigned>(1)),
                sum = upload(std::vector<unsigned long long>(1));
    must(session.run("right_histogram", 20, 256, 0, bins, largest, sum, in, n));
    expect(download<int>(bins, 16) == want);
    expect(download<unsigned>(largest, 1)[0] == *std::max_element(x.begin(), x.end()));
    expect(download<unsigned long long>(sum, 1)[0] == total);
    return CUDA_SUCCESS;
}

static CUresult last_block() {
    Session session;
    const int n = 64 * 100;
    auto x = counting<float>(n, 3, 17);
    float want = 0;
    for (float v : x) want += v;
    CUdeviceptr in = upload(x), total = allocate(4), partial = allocate(400), count = upload(std::vector<unsigned>(1));
    must(session.run("right_last_block", 100, 64, 0, total, partial, count, in));
    expect(download<float>(total, 1)[0] == want);
    return CUDA_SUCCESS;
}

std::vector<Case> right_cases() {
    std::vector<Case> cases;
    struct {
        const char *name;
        CUresult (*run)();
    } const each[] = {{"sum", sum},           {"extremes", extremes}, {"transpose", transpose},  {"warp", warp},
                      {"votes", votes},       {"histogram", histogram}, {"last block", last_block}};
    for (const auto &one : each)
        for (const char *seed : {"0", "1", "12345"})
            cases.push_back({one.name, kBothBuilds, one.run, CUDA_SUCCESS, {}, {std::string("UDML_EMU_SEED=") + seed}});
    return cases;
}
