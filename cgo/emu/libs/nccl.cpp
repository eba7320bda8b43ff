// A libnccl.so.2 for the emulated device: the functions that cgo/nccl calls. Ranks are processes of one machine; bytes go through shared
// memory, which has no name any more once all have opened it.
//
// It is strict where the real one hangs or is undefined: messages whose lengths differ are ncclInvalidUsage. Like the real one it refuses
// two ranks on one device. A rank that has died is ncclRemoteError on the others. UDML_EMU_NCCL_VERSION is the version it claims.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "stand_in.h"

enum { kSuccess = 0, kUnhandledCuda = 1, kSystem = 2, kInvalidArgument = 4, kInvalidUsage = 5, kRemote = 6, kInProgress = 7 };
constexpr int kMaxRanks = 16;
constexpr size_t kSlot = 64 << 10;  // bytes of a message that are on their way at a time
constexpr int kUint8 = 1;

struct Id {
    char name[128];
};

struct Config {
    size_t size;
    unsigned magic, version;
    int blocking, rest[3];
    const char *net;
    int split;
};

// Way is what goes from one rank to another. Each of the two counts what it has done.
struct Way {
    std::atomic<uint64_t> put, got;  // pieces
    std::atomic<size_t> bytes;       // of the message that has begun
    char piece[kSlot];
};

struct Shared {
    std::atomic<int> joined, finalized, process[kMaxRanks], device[kMaxRanks];
    Way ways[];  // from * ranks + to
};

struct Communicator {
    Shared *shared;
    int ranks, rank;
    char name[128];
    std::atomic<bool> begun{false}, finalizing{false}, aborted{false};
    std::atomic<int> error{kSuccess};
    Way &way(int from, int to) { return shared->ways[from * ranks + to]; }
};

struct Message {
    bool receive;
    char *data;
    size_t bytes;
    int peer;
    size_t done = 0;
    bool begun = false;
    bool finished() const { return begun && done == bytes; }
};

static thread_local char last_error[256];

static int refuse(int code, const char *why) {
    snprintf(last_error, sizeof last_error, "%s", why);
    return code;
}

// fail keeps the first error of a communicator.
static void fail(Communicator *c, int code) {
    int none = kSuccess;
    c->error.compare_exchange_strong(none, code);
}

// A process that has ended the communicator in good order is 0 there.
static void look_at_peers(Communicator *c) {
    for (int r = 0; r < c->ranks; r++) {
        int process = c->shared->process[r];
        if (process && kill(process, 0) && errno == ESRCH) fail(c, kRemote);
    }
}

// step gets a message on by a piece, if it can.
static bool step(Communicator *c, Message &m) {
    Way &w = m.receive ? c->way(m.peer, c->rank) : c->way(c->rank, m.peer);
    bool full = w.put != w.got;
    if (full != m.receive) return false;
    if (!m.receive && !m.begun) w.bytes = m.bytes;
    if (m.receive && w.bytes != m.bytes) {
        fprintf(stderr, "udml emulator: rank %d receives %zu bytes from rank %d, which sends %zu\n", c->rank, m.bytes, m.peer, w.bytes.load());
        fail(c, kInvalidUsage);
        return false;
    }
    size_t n = std::min(kSlot, m.bytes - m.done);
    if (m.receive) memcpy(m.data + m.done, w.piece, n);
    else memcpy(w.piece, m.data + m.done, n);
    m.begun = true;
    m.done += n;
    (m.receive ? w.got : w.put)++;
    return true;
}

// exchange does the messages of a group, those of a way one after the other, and all ways at once. As on a GPU, what cannot be finished
// goes on until the communicator is aborted.
static void exchange(Communicator *c, std::vector<Message> messages) {
    for (int idle = 0; !c->aborted;) {
        bool moved = false, left = false, taken[2][kMaxRanks] = {};
        for (Message &m : messages) {
            bool &way = taken[m.receive][m.peer];
            if (way || m.finished()) continue;
            way = left = true;
            moved |= !c->error && step(c, m);
        }
        if (!left) return;
        idle = moved ? 0 : idle + 1;
        if (idle < 50) sched_yield();
        else usleep(100);
        if (idle > 50) look_at_peers(c);
    }
}

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
