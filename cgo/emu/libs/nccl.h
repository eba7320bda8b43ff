// What the stand-in for NCCL keeps between processes, and how messages go through it.
#pragma once
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "stand_in.h"

enum { kSuccess = 0, kUnhandledCuda = 1, kSystem = 2, kInvalidArgument = 4, kInvalidUsage = 5, kRemote = 6, kInProgress = 7 };
constexpr int kMaxRanks = 16;
constexpr size_t kSlot = 64 << 10;  // bytes of a message that are on their way at a time
constexpr int kUint8 = 1, kFloat32 = 7, kFloat64 = 8, kSum = 0;

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

// all_reduce adds up the numbers of all ranks. As in a ring, the numbers are cut into as many pieces as there are ranks, and the additions
// of each piece begin at another rank: an order that differs from that of the ranks.
template <typename T>
static void all_reduce(Communicator *c, void *numbers, size_t n) {
    T *mine = static_cast<T *>(numbers);
    size_t ranks = size_t(c->ranks);
    std::vector<std::vector<T>> all(ranks, std::vector<T>(n));
    std::copy(mine, mine + n, all[size_t(c->rank)].begin());
    std::vector<Message> messages;
    for (int r = 0; r < c->ranks; r++) {
        if (r == c->rank) continue;
        messages.push_back({false, reinterpret_cast<char *>(mine), n * sizeof(T), r});
        messages.push_back({true, reinterpret_cast<char *>(all[size_t(r)].data()), n * sizeof(T), r});
    }
    exchange(c, messages);
    for (size_t i = 0; i < n && !c->aborted; i++) {
        size_t first = i * ranks / n;
        T sum = all[first][i];
        for (size_t k = 1; k < ranks; k++) sum += all[(first + k) % ranks][i];
        mine[i] = sum;
    }
}
