// The interface between the stand-in driver and the kernels' library. Neither cuda.h nor emu.h is needed here, because
// the driver knows only the first and the kernels only the second.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace udml {

// The driver's CUresult values that a launch can end with.
enum Outcome { kDone = 0, kIllegalAddress = 700, kMisalignedAddress = 716, kLaunchFailed = 719 };

// Unit is the granule in which device memory is handed out, and the alignment of every allocation, as on a GPU.
constexpr size_t kUnit = 256;

// Memory is all device memory as one range of addresses, so that the check build finds an address's state by an index.
struct Memory {
    char *base;
    size_t bytes;
    const uint16_t *valid;  // for each unit: how many of its bytes, from its start, belong to a live allocation
};

struct Launch {
    const struct Kernel *kernel;
    unsigned grid[3], block[3];
    unsigned shared;  // bytes of dynamic shared memory
    const uint64_t *slots;
    uint64_t seed;  // 0: warps in order; else the order is drawn from it
    Memory memory;
};

// KernelShape is the part of a kernel's description that the driver needs to check and copy a launch.
struct KernelShape {
    int max_threads;
    int arguments;
    const int *sizes;
    const char *types;  // a letter for each argument
};

// The entry points of the kernels' library, by name because it is opened at run time.
using FindKernel = const Kernel *(*)(const char *name);
using ShapeOf = KernelShape (*)(const Kernel *kernel);
using RunKernel = int (*)(const Launch *launch);
constexpr const char *kFindKernel = "udml_find_kernel";
constexpr const char *kShapeOf = "udml_shape_of";
constexpr const char *kRunKernel = "udml_run_kernel";

}  // namespace udml
