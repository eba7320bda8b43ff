// A libnccl.so.2 for the emulated device: the functions that cgo/nccl calls. Ranks are processes of one machine; bytes go through shared
// memory, which has no name any more once all have opened it.
//
// It is strict where the real one hangs or is undefined: messages whose lengths differ are ncclInvalidUsage. Like the real one it refuses
// two ranks on one device. A rank that has died is ncclRemoteError on the others. UDML_EMU_NCCL_VERSION is the version it claims.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "nccl.h"

static thread_local int depth;
static thread_local std::vector<Message> group;
static thread_local Communicator *group_comm;
static thread_local void *group_stream;

static int add(Communicator *c, void *stream, int type, Message m) {
    if (type != kUint8 || m.peer < 0 || m.peer >= c->ranks || m.peer == c->rank || !m.bytes || !depth)
        return refuse(kInvalidArgument, "the stand-in takes bytes for another rank, within a group");
    if (!c->begun) return refuse(kInvalidUsage, "the communicator has not begun");
    if (c->error) return c->error;
    group_comm = c;
    group_stream = stream;
    group.push_back(m);
    return kSuccess;
}

// device_of is the number of the calling thread's device; a program without the driver has one for each rank.
static int device_of(int rank) {
    const char *named = getenv("UDML_LIBCUDA");
    void *driver = dlopen(named && *named ? named : "libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    auto get = driver ? reinterpret_cast<int (*)(int *)>(dlsym(driver, "cuCtxGetDevice")) : nullptr;
    int device = rank;
    if (get && get(&device)) device = rank;
    return device;
}

// begin ends the start once all ranks have opened the memory.
static int begin(Communicator *c) {
    look_at_peers(c);
    if (c->error) return c->error;
    if (c->shared->joined < c->ranks) return kInProgress;
    shm_unlink(c->name);  // by whoever comes first
    for (int r = 0; r < c->ranks; r++)
        if (r != c->rank && c->shared->device[r] == c->shared->device[c->rank]) {
            fail(c, refuse(kInvalidUsage, "Duplicate GPU detected"));
            return c->error;
        }
    c->begun = true;
    return kSuccess;
}

STAND_IN int ncclGetVersion(int *version) {
    *version = int(number("UDML_EMU_NCCL_VERSION", 21805));
    return kSuccess;
}

STAND_IN const char *ncclGetErrorString(int code) {
    switch (code) {
    case kSuccess: return "no error";
    case kInvalidArgument: return "invalid argument";
    case kInvalidUsage: return "invalid usage";
    case kRemote: return "remote process exited or there was a network error";
    default: return "unhandled system error";
    }
}

STAND_IN const char *ncclGetLastError(void *) { return last_error; }

STAND_IN int ncclGetUniqueId(Id *id) {
    timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    memset(id, 0, sizeof *id);
    snprintf(id->name, sizeof id->name, "/udml-nccl-%d-%lld-%ld", getpid(), static_cast<long long>(t.tv_sec), t.tv_nsec);
    return kSuccess;
}

STAND_IN int ncclCommInitRankConfig(Communicator **out, int ranks, Id id, int rank, const Config *config) {
    *out = nullptr;
    if (!config || config->size < sizeof(Config) || config->magic != 0xcafebeef || config->version < 21800 || config->blocking != 0)
        return refuse(kInvalidArgument, "the stand-in takes the configuration of 2.18, with calls that do not wait");
    if (ranks < 2 || ranks > kMaxRanks || rank < 0 || rank >= ranks) return refuse(kInvalidArgument, "no such rank");
    size_t bytes = sizeof(Shared) + sizeof(Way) * size_t(ranks) * size_t(ranks);
    int file = shm_open(id.name, O_CREAT | O_RDWR, 0600);
    if (file < 0 || ftruncate(file, static_cast<off_t>(bytes))) return refuse(kSystem, "no shared memory");
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED) return refuse(kSystem, "no shared memory");
    auto c = new Communicator();
    c->shared = static_cast<Shared *>(memory);
    c->ranks = ranks;
    c->rank = rank;
    memcpy(c->name, id.name, sizeof c->name);
    c->shared->device[rank] = device_of(rank);
    c->shared->process[rank] = getpid();
    c->shared->joined++;
    *out = c;
    return kInProgress;
}

STAND_IN int ncclCommSplit(Communicator *, int, int, Communicator **, const Config *) {
    return refuse(kInvalidUsage, "the stand-in does not split");
}

STAND_IN int ncclCommGetAsyncError(Communicator *c, int *state) {
    if (!c->begun) {
        *state = begin(c);
        return kSuccess;
    }
    look_at_peers(c);
    bool ending = c->finalizing && c->shared->finalized < c->ranks;
    *state = c->error ? c->error.load() : ending ? kInProgress : kSuccess;
    return kSuccess;
}

STAND_IN int ncclCommFinalize(Communicator *c) {
    if (c->finalizing.exchange(true)) return refuse(kInvalidArgument, "the communicator is finalized already");
    c->shared->finalized++;
    return kInProgress;
}

// The memory stays: work that a captured stream may run again still names it.
STAND_IN int ncclCommDestroy(Communicator *c) {
    c->shared->process[c->rank] = 0;
    fail(c, kInvalidUsage);
    return kSuccess;
}

STAND_IN int ncclCommAbort(Communicator *c) {
    if (!c->begun) shm_unlink(c->name);
    c->aborted = true;
    fail(c, kInvalidUsage);
    return kSuccess;
}

STAND_IN int ncclGroupStart() {
    depth++;
    return kSuccess;
}

STAND_IN int ncclGroupEnd() {
    if (!depth) return refuse(kInvalidUsage, "no group has begun");
    if (--depth) return kSuccess;
    std::vector<Message> messages = std::move(group);
    group.clear();
    Communicator *c = group_comm;
    if (messages.empty() || c->aborted) return kSuccess;
    return enqueue(group_stream, [=] { exchange(c, messages); }) ? kSuccess : kUnhandledCuda;
}

STAND_IN int ncclSend(const void *data, size_t n, int type, int peer, Communicator *c, void *stream) {
    return add(c, stream, type, {false, static_cast<char *>(const_cast<void *>(data)), n, peer});
}

STAND_IN int ncclRecv(void *data, size_t n, int type, int peer, Communicator *c, void *stream) {
    return add(c, stream, type, {true, static_cast<char *>(data), n, peer});
}

// Each rank sends its numbers to all, so all add up the same.
STAND_IN int ncclAllReduce(const void *in, void *out, size_t n, int type, int op, Communicator *c, void *stream) {
    if (!c->begun) return refuse(kInvalidUsage, "the communicator has not begun");
    if ((type != kFloat32 && type != kFloat64) || op != kSum || in != out || !n || depth)
        return refuse(kInvalidArgument, "the stand-in adds up float32 or float64 in their place, outside of groups");
    if (c->error) return c->error;
    auto add = type == kFloat32 ? all_reduce<float> : all_reduce<double>;
    return enqueue(stream, [=] { add(c, out, n); }) ? kSuccess : kUnhandledCuda;
}
