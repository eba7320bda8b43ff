// Modules, functions and launches. Whatever image is loaded, the kernels are those of the library beside this one.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>

#include "driver.h"

namespace udml {

static void *library;

// The kernels lie beside this library unless UDML_EMU_KERNELS names them.
static std::string library_path() {
    const char *path = getenv("UDML_EMU_KERNELS");
    if (path && *path) return path;
    Dl_info info;
    std::string here = dladdr(reinterpret_cast<void *>(cuInit), &info) ? info.dli_fname : "";
    return here.substr(0, here.rfind('/') + 1) + "libudml_kernels.so";
}

bool open_kernels() {
    if (library) return true;
    library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "udml emulator: %s\n", dlerror());
    } else if (!find_kernel() || !shape_of() || !run_kernel()) {
        fprintf(stderr, "udml emulator: %s holds no kernels\n", library_path().c_str());
        library = nullptr;
    }
    return library;
}

FindKernel find_kernel() { return reinterpret_cast<FindKernel>(dlsym(library, kFindKernel)); }
ShapeOf shape_of() { return reinterpret_cast<ShapeOf>(dlsym(library, kShapeOf)); }
RunKernel run_kernel() {
    static RunKernel run = reinterpret_cast<RunKernel>(dlsym(library, kRunKernel));
    return run;
}

}  // namespace udml

using namespace udml;

constexpr int kSharedWithoutAsking = 48 << 10, kNoCarveout = CU_SHAREDMEM_CARVEOUT_DEFAULT;

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    UDML_ENTER();
    if (!module || !image) return CUDA_ERROR_INVALID_VALUE;
    if (!open_kernels()) return CUDA_ERROR_SHARED_OBJECT_INIT_FAILED;
    *module = new CUmod_st();
    return CUDA_SUCCESS;
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned, CUjit_option *, void **) {
    return cuModuleLoadData(module, image);
}

CUresult cuModuleUnload(CUmodule module) {
    UDML_ENTER();
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    CUresult error = run_all();
    delete module;
    return error;
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
    UDML_ENTER();
    if (!function || !module || !name) return CUDA_ERROR_INVALID_VALUE;
    auto entry = module->functions.find(name);
    if (entry == module->functions.end()) {
        const Kernel *kernel = find_kernel()(name);
        if (!kernel) return CUDA_ERROR_NOT_FOUND;
        CUfunc_st function = {kernel, shape_of()(kernel), largest_launch(name), kSharedWithoutAsking, kNoCarveout};
        entry = module->functions.emplace(name, function).first;
    }
    *function = &entry->second;
    return CUDA_SUCCESS;
}

// The types of a kernel's arguments, a letter each; null where there is no such kernel. NVIDIA's driver cannot tell them.
static const char *kernel_types(const char *name) {
    Call call;
    if (call.error || !name || !open_kernels()) return nullptr;
    const Kernel *kernel = find_kernel()(name);
    return kernel ? shape_of()(kernel).types : nullptr;
}

// The one function that this driver has beyond NVIDIA's: a real driver does not know the name.
CUresult cuGetProcAddress_v2(const char *name, void **function, int, cuuint64_t, CUdriverProcAddressQueryResult *found) {
    UDML_ENTER();
    if (!name || !function) return CUDA_ERROR_INVALID_VALUE;
    bool known = strcmp(name, "udmlKernelTypes") == 0;
    *function = known ? reinterpret_cast<void *>(kernel_types) : nullptr;
    if (found) *found = known ? CU_GET_PROC_ADDRESS_SUCCESS : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    return known ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

// Variables of a module are those of a host library here and cannot be looked up.
CUresult cuModuleGetGlobal_v2(CUdeviceptr *, size_t *, CUmodule, const char *) {
    UDML_ENTER();
    return CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute name, CUfunction function) {
    UDML_ENTER();
    if (!value || !function) return CUDA_ERROR_INVALID_VALUE;
    switch (name) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = function->shape.max_threads; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = function->shared_limit; break;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: *value = function->carveout; break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 32; break;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = driver.capability; break;
    default: *value = 0;
    }
    return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute name, int value) {
    UDML_ENTER();
    if (!function) return CUDA_ERROR_INVALID_HANDLE;
    if (name == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
        if (value < kNoCarveout || value > 100) return CUDA_ERROR_INVALID_VALUE;
        function->carveout = value;
    }
    if (name != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) return CUDA_SUCCESS;
    if (value < 0 || value > driver.shared) return CUDA_ERROR_INVALID_VALUE;
    function->shared_limit = value;
    return CUDA_SUCCESS;
}

CUresult cuFuncSetCacheConfig(CUfunction function, CUfunc_cache) {
    UDML_ENTER();
    return function ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction function, int threads, size_t shared) {
    UDML_ENTER();
    if (!blocks || !function || threads <= 0) return CUDA_ERROR_INVALID_VALUE;
    if (threads > function->shape.max_threads || shared > static_cast<size_t>(function->shared_limit)) {
        *blocks = 0;  // cannot be launched
        return CUDA_SUCCESS;
    }
    int warps = (threads + 31) / 32, by_warps = 64 / warps, by_shared = (driver.shared + 1024) / static_cast<int>(shared + 1024);
    *blocks = std::min({32, by_warps, by_shared});  // MAX_BLOCKS_PER_MULTIPROCESSOR; 32 registers a thread never are the limit
    return CUDA_SUCCESS;
}

static CUresult check_launch(CUfunction f, const unsigned grid[3], const unsigned block[3], unsigned shared) {
    const char *name = "a launch";
    if (!grid[0] || !grid[1] || !grid[2] || grid[0] > 2147483647u || grid[1] > 65535 || grid[2] > 65535)
        return explain(CUDA_ERROR_INVALID_VALUE, "%s with a grid of (%u,%u,%u)", name, grid[0], grid[1], grid[2]);
    uint64_t threads = uint64_t{block[0]} * block[1] * block[2];
    if (!threads || block[0] > 1024 || block[1] > 1024 || block[2] > 64 || threads > 1024)
        return explain(CUDA_ERROR_INVALID_VALUE, "%s with a block of (%u,%u,%u)", name, block[0], block[1], block[2]);
    if (threads > static_cast<uint64_t>(f->shape.max_threads))
        return explain(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "%s with %d threads a block of a kernel bound to %d", name,
                       static_cast<int>(threads), f->shape.max_threads);
    if (shared > static_cast<unsigned>(f->shared_limit))
        return explain(CUDA_ERROR_INVALID_VALUE, "%s with %u bytes of shared memory; the function allows %d", name, shared,
                       f->shared_limit);
    if (threads > static_cast<uint64_t>(f->largest.threads) || shared > static_cast<unsigned>(f->largest.shared))
        return explain(CUDA_ERROR_INVALID_VALUE, "%s with a block of %d threads and %u bytes; kernels/launches.tsv has %d and %d",
                       name, static_cast<int>(threads), shared, f->largest.threads, f->largest.shared);
    // A real driver does not mind; but it may then divide a multiprocessor's memory so that one block fits where two could.
    if (shared > kSharedWithoutAsking && f->carveout != CU_SHAREDMEM_CARVEOUT_MAX_SHARED)
        return explain(CUDA_ERROR_INVALID_VALUE, "%s with %u bytes of shared memory of a function with a carve-out of %d", name, shared,
                       f->carveout);
    return CUDA_SUCCESS;
}

static std::vector<uint64_t> copy_arguments(const KernelShape &shape, void **parameters) {
    std::vector<uint64_t> slots(static_cast<size_t>(shape.arguments));
    for (size_t i = 0; i < slots.size(); i++) memcpy(&slots[i], parameters[i], static_cast<size_t>(shape.sizes[i]));
    return slots;
}

static CUresult run(Launch launch, const std::vector<uint64_t> &slots) {
    if (++driver.launches == driver.failing_launch) return explain(CUDA_ERROR_LAUNCH_FAILED, "launch %lu fails as asked", driver.launches);
    launch.slots = slots.data();
    return static_cast<CUresult>(run_kernel()(&launch));
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned shared, CUstream stream, void **parameters, void **extra) {
    UDML_ENTER();
    if (!f) return CUDA_ERROR_INVALID_HANDLE;
    if (extra || (f->shape.arguments && !parameters)) return CUDA_ERROR_INVALID_VALUE;
    Launch launch = {f->kernel, {gx, gy, gz}, {bx, by, bz}, shared, nullptr, driver.seed, driver.arena.memory()};
    if (CUresult error = check_launch(f, launch.grid, launch.block, shared)) return error;
    auto slots = copy_arguments(f->shape, parameters);
    return enqueue(stream, [launch, slots] { return run(launch, slots); });
}
