// The stand-in for NVIDIA's driver: the part of libcuda.so.1 that this project calls, over the emulated device.
//
// Work is lazy: a stream's queue runs only when something waits for it, so that a host that forgets to wait sees
// old data every time, not once in a thousand runs.
//
// From the environment:
//
//     UDML_EMU_SEED         0: warps and blocks in order; other numbers: another order each, drawn from it
//     UDML_EMU_KERNELS      the library of kernels, when it is not libudml_kernels.so beside this one
//     UDML_EMU_DEVICES      how many devices (1)          UDML_EMU_MEMORY    bytes of memory of a device (4 GiB)
//     UDML_EMU_SM           compute capability (90)       UDML_EMU_DRIVER    version of the driver (13000)
//     UDML_EMU_SHARED       bytes of dynamic shared memory that a block may ask for (99 KiB, the least of all GPUs that the kernels
//                           run on; 227 KiB, an H100's, is the most)
//     UDML_EMU_FAIL_LAUNCH  the number of the launch that fails, from 1
//     UDML_EMU_FAIL_INIT    the result of cuInit
//     UDML_EMU_FAIL_GRAPH   1: no captured graph can be made ready to launch
//
// Devices share one memory. The size of static shared memory is not known here: only nvcc refuses too much of it.
#pragma once
#include <cuda.h>
#include <pthread.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "arena.h"
#include "launch.h"

namespace udml {

// Mark is one recording of an event: a point in a stream's queue.
struct Mark {
    CUstream stream;
    uint64_t sequence;
    bool done;
    double milliseconds;  // on the host's clock, when it was reached
};

using Work = std::function<CUresult()>;

// Operation is work in a queue. Sequence numbers grow over all streams: the legacy stream needs to know the order.
struct Operation {
    uint64_t sequence;
    Work work;
};

// Capture collects the work of a stream, and of those that join it through events, instead of running it.
struct Capture {
    CUstream origin;
    CUstreamCaptureMode mode;
    pthread_t thread;
    std::vector<Work> work;
    std::map<CUstream, bool> joined;  // other streams in it; true once the origin waits for their last work
    bool invalid = false, ended = false;
};

struct LargestLaunch {
    int threads, shared;
};
LargestLaunch largest_launch(const std::string &kernel);

}  // namespace udml

struct CUctx_st {
    int device;
    bool primary;
    int references;
};

struct CUstream_st {
    bool blocking;  // waits for the legacy stream, and it for this one
    std::deque<udml::Operation> queue;
    std::shared_ptr<udml::Capture> capture;
};

struct CUevent_st {
    bool timed;
    std::shared_ptr<udml::Mark> mark;
    std::shared_ptr<udml::Capture> capture;  // when recorded in one
    CUstream captured_stream;
};

struct CUfunc_st {
    const udml::Kernel *kernel;
    udml::KernelShape shape;
    udml::LargestLaunch largest;
    int shared_limit;
    int carveout;  // the percentage of a multiprocessor's memory that shall be shared memory
};

struct CUmod_st {
    std::map<std::string, CUfunc_st> functions;
};

struct CUgraph_st {
    std::vector<udml::Work> work;
};

struct CUgraphExec_st {
    std::vector<udml::Work> work;
};

namespace udml {

// Driver is the state of the whole library, under one lock.
struct Driver {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    bool initialised = false;
    CUresult failed = CUDA_SUCCESS;  // a fault of a kernel: every later call returns it, as on a GPU
    int devices = 1;
    int capability = 90;
    int shared = 99 << 10;
    uint64_t seed = 0;
    uint64_t sequence = 0, launches = 0, failing_launch = 0;
    std::vector<CUctx_st> primary;
    CUstream_st legacy = {true, {}, nullptr};
    std::vector<CUstream> streams;
    std::vector<std::shared_ptr<Capture>> captures;
    std::map<char *, size_t> pinned;
    Arena arena;
};

extern Driver &driver;
extern thread_local std::vector<CUcontext> contexts;  // the calling thread's stack; the last is current

// setting reads a number from the environment.
uint64_t setting(const char *name, uint64_t otherwise);

// Call is held by each entry point: the lock, and whether the call may go on.
struct Call {
    CUresult error;
    explicit Call(bool needs_context = true);
    ~Call();
};

// explain prints why a call fails, where CUDA has only a number, and returns the number.
CUresult explain(CUresult error, const char *format, ...) __attribute__((format(printf, 2, 3)));

CUstream real_stream(CUstream stream);

// enqueue adds work to a stream, or to the graph that it is being captured into.
CUresult enqueue(CUstream stream, Work work);

// run_until runs a stream's queue up to a sequence number, and the work in other streams that it waits for.
CUresult run_until(CUstream stream, uint64_t sequence);
CUresult run_all();

// unsafe_in_capture is the error of a call that waits, or touches all streams, while a stream is being captured.
CUresult unsafe_in_capture();

// open_kernels opens the library of kernels; null with the reason printed when it cannot.
bool open_kernels();
FindKernel find_kernel();
ShapeOf shape_of();
RunKernel run_kernel();

}  // namespace udml

// ENTER begins an entry point.
#define UDML_ENTER()  \
    udml::Call call;  \
    if (call.error) return call.error
