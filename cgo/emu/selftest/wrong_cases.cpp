// Each wrong kernel must end with its error and a report of the fault, the place and the thread.
#include <math.h>

#include "cases.h"
#include "session.h"

template <int blocks, int threads, unsigned shared = 0>
static CUresult on_output(const char *kernel) {
    Session session;
    std::vector<float> zeros(blocks * threads);
    return session.run(kernel, blocks, threads, shared, upload(zeros));
}

template <int threads>
static CUresult on_both(const char *kernel, size_t n) {
    Session session;
    std::vector<float> zeros(threads);
    return session.run(kernel, 1, threads, 0, upload(zeros), upload(counting<float>(n)));
}

static CUresult no_barrier() { return on_output<1, 256>("wrong_no_barrier"); }
static CUresult one_barrier() { return on_both<64>("wrong_one_barrier", 256); }
static CUresult no_syncwarp() { return on_output<1, 32>("wrong_no_syncwarp"); }
static CUresult between_warps() { return on_output<1, 64>("wrong_syncwarp_between_warps"); }
static CUresult overlap() { return on_output<4, 32>("wrong_overlap"); }
static CUresult neighbour() { return on_output<4, 32>("wrong_neighbour"); }
static CUresult dynamic_shared() { return on_output<1, 32, 128>("wrong_dynamic_shared"); }
static CUresult divergent() { return on_output<1, 64>("wrong_divergent_barrier"); }
static CUresult deadlock() { return on_output<1, 32>("wrong_deadlock"); }
static CUresult mask() { return on_output<1, 32>("wrong_mask"); }
static CUresult part_of_warp() { return on_output<1, 16>("wrong_part_of_warp"); }
static CUresult no_copy_wait() { return on_both<32>("wrong_no_copy_wait", 128); }
static CUresult copy_no_barrier() { return on_both<32>("wrong_copy_no_barrier", 128); }
static CUresult copy_alignment() { return on_both<32>("wrong_copy_alignment", 128); }
static CUresult bound() { return on_output<1, 65>("wrong_bound"); }

static CUresult trap() { return on_output<1, 32>("wrong_trap"); }

static CUresult no_fence() {
    Session session;
    return session.run("wrong_no_fence", 4, 1, 0, allocate(16), upload(std::vector<unsigned>(1)));
}

static CUresult global_write() {
    Session session;
    return session.run("wrong_global_write", 1, 32, 0, allocate(31 * 4), 1);
}

static CUresult global_read() {
    Session session;
    return session.run("wrong_global_read", 1, 32, 0, allocate(32 * 4), upload(counting<float>(32)));
}

static CUresult freed() {
    Session session;
    CUdeviceptr y = allocate(128);
    must(cuMemFree(y));
    return session.run("wrong_global_write", 1, 32, 0, y, 1);
}

static CUresult null_pointer() {
    Session session;
    return session.run("wrong_pointer", 1, 32, 0, CUdeviceptr{0});
}

static CUresult static_shared() {
    Session session;
    return session.run("wrong_static_shared", 1, 32, 0, allocate(128), 8);
}

static CUresult alignment() {
    Session session;
    return session.run("wrong_alignment", 1, 1, 0, allocate(64), upload(counting<float>(64)), 1);
}

// The plain build checks no access, but an overrun of a few bytes is found when the memory is freed, and is final.
static CUresult guard_bytes() {
    Session session;
    CUdeviceptr y = allocate(31 * 4);
    must(session.run("wrong_global_write", 1, 32, 0, y, 1));
    expect(cuMemFree(y) == CUDA_ERROR_ILLEGAL_ADDRESS);
    return cuCtxSynchronize();
}

static CUresult guard_bytes_at_exit() {
    Session session;
    return session.run("wrong_global_write", 1, 32, 0, allocate(31 * 4), 1);
}

// The plain build sees a missing barrier only in an order of the warps in which it matters.
static CUresult order_of_warps() {
    Session session;
    CUdeviceptr y = allocate(4);
    must(session.run("wrong_last_warp", 1, 128, 0, y, upload(std::vector<float>(128, 1))));
    return download<float>(y, 1)[0] == 128 ? CUDA_SUCCESS : CUDA_ERROR_UNKNOWN;
}

static CUresult unwritten_shared() {
    Session session;
    const size_t blocks = 300;  // more than a worker looks through from end to end
    CUdeviceptr y = allocate(blocks * 32 * 4);
    must(session.run("wrong_unwritten_shared", static_cast<unsigned>(blocks), 32, 128, y));
    auto sums = download<float>(y, blocks * 32);
    for (size_t i = 0; i < sums.size(); i++) expect(i / 32 % 2 ? isnan(sums[i]) : sums[i] == 2);
    return CUDA_SUCCESS;
}

std::vector<Case> wrong_cases() {
    const CUresult launch = CUDA_ERROR_LAUNCH_FAILED, address = CUDA_ERROR_ILLEGAL_ADDRESS;
    return {
        {"missing barrier", kCheckBuild, no_barrier, launch, {"race in a block", "kernel wrong_no_barrier, block (0,0,0), thread (",
            "has read", "wrong.cu:8"}, {}},
        {"barrier missing at the end of a loop", kCheckBuild, one_barrier, launch,
            {"race in a block", "has written without synchronisation"}, {}},
        {"missing barrier in the plain build, the first warp first", kPlainBuild, order_of_warps, CUDA_SUCCESS, {}, {}},
        {"missing barrier in the plain build, another order", kPlainBuild, order_of_warps, CUDA_ERROR_UNKNOWN, {}, {"UDML_EMU_SEED=2"}},
        {"missing __syncwarp", kCheckBuild, no_syncwarp, launch, {"race in a block", "wrong_no_syncwarp", "wrong.cu:"}, {}},
        {"__syncwarp between two warps", kCheckBuild, between_warps, launch, {"race in a block", "wrong_syncwarp_between_warps"}, {}},
        {"write race between blocks", kCheckBuild, overlap, launch, {"race between blocks: write", "thread (31,0,0)"}, {}},
        {"read race between blocks", kCheckBuild, neighbour, launch, {"race between blocks", "wrong_neighbour"}, {}},
        {"missing __threadfence", kCheckBuild, no_fence, launch, {"race between blocks: read"}, {}},
        {"__trap", kBothBuilds, trap, launch, {"thread (3,0,0): __trap at"}, {}},
        {"global write out of bounds", kCheckBuild, global_write, address, {"global memory out of bounds: write of 4 bytes",
            "thread (31,0,0)", "0 bytes after the end", "wrong.cu:"}, {}},
        {"global read out of bounds", kCheckBuild, global_read, address, {"global memory out of bounds: read of 4 bytes",
            "thread (31,0,0)"}, {}},
        {"freed memory", kCheckBuild, freed, address, {"in no allocation of device memory"}, {}},
        {"null pointer", kCheckBuild, null_pointer, address, {"illegal address: write", "neither device nor shared memory"}, {}},
        {"dynamic shared memory out of bounds", kCheckBuild, dynamic_shared, address, {"dynamic shared memory out of bounds: write",
            "at 128 of 128 bytes", "thread (31,0,0)"}, {}},
        {"static shared memory out of bounds", kCheckBuild, static_shared, address, {"array index out of bounds: 8", "wrong.cu:"}, {}},
        {"misaligned float4", kCheckBuild, alignment, CUDA_ERROR_MISALIGNED_ADDRESS,
            {"misaligned address", "wrong_alignment, block (0,0,0), thread (0,0,0)"}, {}},
        {"divergent barrier", kBothBuilds, divergent, launch, {"divergent barrier", "thread (32,0,0)", "(/", "wrong.cu:", ") at /"}, {}},
        {"deadlock", kBothBuilds, deadlock, launch, {"deadlock", "thread (0,0,0) waits in a barrier",
            "thread (16,0,0) waits in a shuffle of mask ffffffff"}, {}},
        {"mask without the caller", kBothBuilds, mask, launch, {"does not name the calling lane", "thread (8,0,0)"}, {}},
        {"mma by part of a warp", kBothBuilds, part_of_warp, launch, {"a warp that is not whole"}, {}},
        {"missing cp_async_wait", kCheckBuild, no_copy_wait, launch, {"use before cp_async_wait: read", "wrong_no_copy_wait"}, {}},
        {"cp_async without a barrier", kCheckBuild, copy_no_barrier, launch, {"wrong_copy_no_barrier"}, {}},
        {"misaligned cp_async", kCheckBuild, copy_alignment, CUDA_ERROR_MISALIGNED_ADDRESS, {"misaligned cp_async"}, {}},
        {"guard bytes", kPlainBuild, guard_bytes, address, {"guard bytes overwritten: 124 bytes from the start", "of 124 bytes"}, {}},
        {"guard bytes at exit", kPlainBuild, guard_bytes_at_exit, CUDA_SUCCESS, {"guard bytes overwritten"}, {}},
        {"unwritten shared memory", kBothBuilds, unwritten_shared, CUDA_SUCCESS, {}, {}},
        {"more threads than the bound", kBothBuilds, bound, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
            {"65 threads a block of a kernel bound to 64"}, {}},
    };
}
