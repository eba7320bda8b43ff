// The stand-in driver: lazy streams, events, and the errors that it is asked to make.
#include "cases.h"
#include "session.h"

// A pinned buffer is read when the copy runs, not when it is asked for; so a host that overwrites it too soon is seen.
static CUresult lazy_upload() {
    Session session;
    float *pinned;
    must(cuMemAllocHost(reinterpret_cast<void **>(&pinned), 4));
    CUdeviceptr x = allocate(4);
    CUstream stream = new_stream();
    *pinned = 1;
    must(cuMemcpyHtoDAsync(x, pinned, 4, stream));
    *pinned = 2;
    must(cuStreamSynchronize(stream));
    expect(download<float>(x, 1)[0] == 2);
    float pageable = 3;
    must(cuMemcpyHtoDAsync(x, &pageable, 4, stream));
    pageable = 4;
    must(cuStreamSynchronize(stream));
    expect(download<float>(x, 1)[0] == 3);
    return CUDA_SUCCESS;
}

// A host that reads a result before it has waited finds the old one.
static CUresult lazy_download() {
    Session session;
    float *pinned;
    must(cuMemAllocHost(reinterpret_cast<void **>(&pinned), 4));
    *pinned = 0;
    CUdeviceptr x = upload(std::vector<float>{5});
    CUstream stream = new_stream();
    must(cuMemcpyDtoHAsync(pinned, x, 4, stream));
    expect(*pinned == 0);
    CUevent event;
    must(cuEventCreate(&event, CU_EVENT_DEFAULT));
    must(cuEventRecord(event, stream));
    expect(*pinned == 0);
    must(cuEventSynchronize(event));
    expect(*pinned == 5);
    float pageable = 0;
    must(cuMemcpyDtoHAsync(&pageable, x, 4, stream));
    expect(pageable == 5);
    return CUDA_SUCCESS;
}

// Without the event the second stream's copy would run alone and find the old value.
static CUresult events() {
    Session session;
    CUstream first = new_stream(), second = new_stream();
    CUdeviceptr x = upload(std::vector<int>{1}), y = upload(std::vector<int>{0});
    must(cuMemsetD32Async(x, 2, 1, first));
    must(cuMemcpyDtoDAsync(y, x, 4, second));
    must(cuStreamSynchronize(second));
    expect(download<int>(y, 1)[0] == 1);
    CUevent event = new_event();
    must(cuEventRecord(event, first));
    must(cuMemsetD32Async(x, 3, 1, first));
    must(cuStreamWaitEvent(second, event, 0));
    must(cuMemcpyDtoDAsync(y, x, 4, second));
    must(cuStreamSynchronize(second));
    expect(download<int>(y, 1)[0] == 2);
    must(cuStreamSynchronize(first));
    expect(download<int>(x, 1)[0] == 3);
    return CUDA_SUCCESS;
}

// The legacy stream and a blocking stream keep the order of the calls; a non-blocking one does not take part.
static CUresult legacy() {
    Session session;
    CUstream blocking, free;
    must(cuStreamCreate(&blocking, CU_STREAM_DEFAULT));
    free = new_stream();
    CUdeviceptr x = upload(std::vector<int>{0}), y = upload(std::vector<int>{0});
    must(cuMemsetD32Async(x, 1, 1, blocking));
    must(cuMemsetD32Async(y, 1, 1, free));
    expect(download<int>(x, 1)[0] == 1);
    expect(download<int>(y, 1)[0] == 0);
    must(cuMemsetD32(x, 2, 1));
    must(cuMemsetD32Async(x, 3, 1, blocking));
    must(cuStreamSynchronize(blocking));
    expect(download<int>(x, 1)[0] == 3);
    return CUDA_SUCCESS;
}

static CUresult sources() {
    Session session;
    CUfunction f;
    must(cuModuleGetFunction(&f, session.module, "udml_sources_12ab"));
    return cuModuleGetFunction(&f, session.module, "udml_sources_12ac");
}

static CUresult memory() {
    Session session;
    CUdeviceptr p, q;
    must(cuMemAlloc(&p, 5 << 20));
    expect(cuMemAlloc(&q, 5 << 20) == CUDA_ERROR_OUT_OF_MEMORY);
    size_t free, total;
    must(cuMemGetInfo(&free, &total));
    expect(total == 8 << 20 && free == 2 << 20);
    must(cuMemAlloc(&q, 1 << 19));  // in the granule that p has begun
    must(cuMemGetInfo(&free, &total));
    expect(free == 2 << 20);
    must(cuMemFree(q));
    must(cuMemFree(p));
    must(cuMemAlloc(&q, 8 << 20));
    expect(cuMemcpyDtoH(std::vector<char>(8 << 20).data(), q + 1, 8 << 20) == CUDA_ERROR_INVALID_VALUE);
    return cuMemFree(q + 256);
}

static CUresult shared_limit() {
    Session session;
    CUdeviceptr out = allocate(320 * 4), in = upload(counting<uint16_t>(256));
    expect(session.run("right_ldmatrix", 1, 32, 100 << 10, out, in) == CUDA_ERROR_INVALID_VALUE);
    CUfunction f = session.function("right_ldmatrix");
    expect(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 100 << 10) == CUDA_ERROR_INVALID_VALUE);
    must(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 99 << 10));
    expect(session.run("right_ldmatrix", 1, 32, 99 << 10, out, in) == CUDA_ERROR_INVALID_VALUE);
    must(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, CU_SHAREDMEM_CARVEOUT_MAX_SHARED));
    return session.run("right_ldmatrix", 1, 32, 99 << 10, out, in);
}

static CUresult failing_launch() {
    Session session;
    CUdeviceptr y = allocate(128);
    must(session.run("wrong_pointer", 1, 32, 0, y));
    must(session.start(nullptr, "wrong_pointer", 1, 32, 0, y));
    expect(cuCtxSynchronize() == CUDA_ERROR_LAUNCH_FAILED);
    return cuMemcpyDtoH(std::vector<float>(32).data(), y, 128);
}

static CUresult failing_init() { return cuInit(0); }

static CUresult settings() {
    Session session;
    int version, count, major;
    must(cuDriverGetVersion(&version));
    must(cuDeviceGetCount(&count));
    must(cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 1));
    expect(version == 12040 && count == 2 && major == 7);
    CUuuid first, second;
    must(cuDeviceGetUuid(&first, 0));
    must(cuDeviceGetUuid(&second, 1));
    expect(memcmp(&first, &second, sizeof first) != 0);
    return CUDA_SUCCESS;
}

// How many blocks a multiprocessor holds: by threads, by shared memory with its reserved 1 KiB a block, by number; none that cannot be
// launched.
static CUresult occupancy() {
    Session session;
    CUfunction f = session.function("right_sum");
    int blocks, limit;
    must(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 256, 0));
    expect(blocks == 8);
    must(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 33, 0));
    expect(blocks == 32);
    must(cuDeviceGetAttribute(&limit, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 0));
    must(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 32, 40 << 10));
    expect(blocks == limit / (41 << 10));
    must(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 32, 60 << 10));
    expect(blocks == 0);
    must(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 60 << 10));
    must(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 32, 60 << 10));
    expect(blocks == limit / (61 << 10));
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 0, 0);
}

// Types of parameters: a pointer has the capital letter of the type that it points to.
static CUresult types() {
    Session session;
    void *entry;
    must(cuGetProcAddress("udmlKernelTypes", &entry, 12000, CU_GET_PROC_ADDRESS_DEFAULT, nullptr));
    auto of = reinterpret_cast<const char *(*)(const char *)>(entry);
    expect(!strcmp(of("right_sum"), "FFi"));
    expect(!strcmp(of("right_extremes"), "DIIi"));
    expect(!strcmp(of("right_types"), "BPPPiulmfd"));
    expect(!of("no_such_kernel") && !of(nullptr));
    return cuGetProcAddress("cuNoSuchFunction", &entry, 12000, CU_GET_PROC_ADDRESS_DEFAULT, nullptr);
}

static CUresult empty_grid() {
    Session session;
    return session.run("wrong_pointer", 0, 32, 0, allocate(128));
}

std::vector<Case> driver_cases() {
    const CUresult value = CUDA_ERROR_INVALID_VALUE;
    return {
        {"uploads are lazy", kBothBuilds, lazy_upload, CUDA_SUCCESS, {}, {}},
        {"downloads are lazy", kBothBuilds, lazy_download, CUDA_SUCCESS, {}, {}},
        {"events between streams", kPlainBuild, events, CUDA_SUCCESS, {}, {}},
        {"legacy stream", kPlainBuild, legacy, CUDA_SUCCESS, {}, {}},
        {"name of the sources", kBothBuilds, sources, CUDA_ERROR_NOT_FOUND, {}, {}},
        {"types of arguments", kBothBuilds, types, CUDA_ERROR_NOT_FOUND, {}, {}},
        {"memory", kPlainBuild, memory, value, {"which is not allocated", "not inside one allocation"}, {"UDML_EMU_MEMORY=8388608"}},
        {"limit of shared memory", kBothBuilds, shared_limit, CUDA_SUCCESS, {"the function allows 49152", "a carve-out of -1"}, {}},
        {"launch that fails as asked", kPlainBuild, failing_launch, CUDA_ERROR_LAUNCH_FAILED, {"launch 2 fails as asked"},
            {"UDML_EMU_FAIL_LAUNCH=2"}},
        {"cuInit that fails as asked", kPlainBuild, failing_init, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, {}, {"UDML_EMU_FAIL_INIT=803"}},
        {"occupancy", kPlainBuild, occupancy, CUDA_ERROR_INVALID_VALUE, {}, {}},
        {"settings", kPlainBuild, settings, CUDA_SUCCESS, {}, {"UDML_EMU_DEVICES=2", "UDML_EMU_SM=75", "UDML_EMU_DRIVER=12040"}},
        {"no devices", kPlainBuild, failing_init, CUDA_ERROR_NO_DEVICE, {}, {"UDML_EMU_DEVICES=0"}},
        {"empty grid", kPlainBuild, empty_grid, value, {"a grid of (0,1,1)"}, {}},
    };
}
