// Warp collectives: each lane leaves a request and waits; the last one to come computes for all.
#include "block.h"

namespace udml {

// The value that a lane gets from a missing one: not a number, read as float or as double.
constexpr uint64_t kNothing = 0x7ff8dead7fc0dead;

static int source_lane(const Request *request, int lane) {
    int first = lane & ~(request->width - 1), last = first + request->width - 1;
    int operand = request->operand, source = lane;
    switch (request->operation) {
    case kIndex: return first + (operand & (request->width - 1));
    case kUp: source = lane - operand; return source < first ? lane : source;
    case kDown: source = lane + operand; return source > last ? lane : source;
    default: source = lane ^ operand; return source > last ? lane : source;
    }
}

static void shuffle(Request *const lanes[kWarp]) {
    uint64_t given[kWarp];
    for (int i = 0; i < kWarp; i++) given[i] = lanes[i] ? lanes[i]->bits : kNothing;
    for (int i = 0; i < kWarp; i++)
        if (lanes[i]) lanes[i]->bits = given[source_lane(lanes[i], i) & 31];
}

static void ballot(Request *const lanes[kWarp]) {
    unsigned votes = 0;
    for (int i = 0; i < kWarp; i++)
        if (lanes[i] && lanes[i]->bits) votes |= 1u << i;
    for (int i = 0; i < kWarp; i++)
        if (lanes[i]) lanes[i]->bits = votes;
}

static unsigned combine(int operation, unsigned a, unsigned b) {
    switch (operation) {
    case kAdd: return a + b;
    case kMin: return static_cast<int>(a) < static_cast<int>(b) ? a : b;
    case kMax: return static_cast<int>(a) > static_cast<int>(b) ? a : b;
    case kUMin: return a < b ? a : b;
    case kUMax: return a > b ? a : b;
    case kAnd: return a & b;
    case kOr: return a | b;
    default: return a ^ b;
    }
}

static void reduce(Request *const lanes[kWarp]) {
    unsigned total = 0;
    bool any = false;
    for (int i = 0; i < kWarp; i++) {
        if (!lanes[i]) continue;
        unsigned x = static_cast<unsigned>(lanes[i]->bits);
        total = any ? combine(lanes[i]->operation, total, x) : x;
        any = true;
    }
    for (int i = 0; i < kWarp; i++)
        if (lanes[i]) lanes[i]->bits = total;
}

static void compute(Worker *worker, int first, unsigned group, Request *const lanes[kWarp]) {
    switch (lanes[__builtin_ctz(group)]->kind) {
    case kSyncWarp: check_warp(worker, first, group); return;
    case kShuffle: shuffle(lanes); return;
    case kBallot: ballot(lanes); return;
    case kReduce: reduce(lanes); return;
    case kLoadMatrix: load_matrix(lanes); return;
    default: multiply(lanes); return;
    }
}

// complete lets the lanes that wait for the same collective go on, if all of them have come.
static bool complete(Worker *worker, Warp *warp, unsigned mask, Collective kind) {
    Block *block = &worker->block;
    int first = static_cast<int>(warp - block->warp) * kWarp;
    unsigned group = mask & warp->alive;
    if (!group || (warp->waiting & group) != group) return false;
    Request *lanes[kWarp] = {};
    for (unsigned rest = group; rest; rest &= rest - 1) {
        int lane = __builtin_ctz(rest);
        lanes[lane] = block->fiber[first + lane].request;
        if (lanes[lane]->mask != mask || lanes[lane]->kind != kind) return false;
    }
    compute(worker, first, group, lanes);
    warp->waiting &= ~group;
    for (unsigned rest = group; rest; rest &= rest - 1) block->fiber[first + __builtin_ctz(rest)].state = kReady;
    make_ready(block, warp, group);
    return true;
}

void complete_collectives(Worker *worker, Warp *warp) {
    int first = static_cast<int>(warp - worker->block.warp) * kWarp;
    for (int lane = 0; lane < kWarp; lane++) {
        if (!(warp->waiting >> lane & 1)) continue;
        const Request *request = worker->block.fiber[first + lane].request;
        complete(worker, warp, request->mask, request->kind);
    }
}

static void check_mask(Worker *worker, const Request *request, const Warp *warp, int lane) {
    if (!(request->mask >> lane & 1))
        fail(worker, kLaunchFailed, request->site, "the mask of a warp collective does not name the calling lane");
    bool whole = request->kind >= kMmaF16;
    if (whole && warp->alive != ~0u)
        fail(worker, kLaunchFailed, request->site, "a matrix collective in a warp that is not whole");
}

static void ask(Worker *worker, Request *request) {
    Fiber *fiber = worker->running;
    int thread = thread_number(&worker->block, fiber), lane = thread % kWarp;
    Warp *warp = &worker->block.warp[thread / kWarp];
    check_mask(worker, request, warp, lane);
    fiber->request = request;
    fiber->state = kInCollective;
    warp->waiting |= 1u << lane;
    if (!(request->mask & warp->alive & ~warp->waiting)) complete(worker, warp, request->mask, request->kind);
    suspend(worker);
}

static Request request_for(Collective kind, unsigned mask, const char *file, int line) {
    Request request;
    request.kind = kind;
    request.mask = mask;
    request.site = {file, line};
    return request;
}

}  // namespace udml

using namespace udml;

int udml_lane() { return thread_number(&current()->block, current()->running) % kWarp; }

void udml_sync_warp(unsigned mask, const char *file, int line) {
    Request request = request_for(kSyncWarp, mask, file, line);
    ask(current(), &request);
}

uint64_t udml_shuffle(ShuffleKind kind, unsigned mask, uint64_t bits, int operand, int width, const char *file, int line) {
    Request request = request_for(kShuffle, mask, file, line);
    request.operation = kind;
    request.operand = operand;
    request.width = width;
    request.bits = bits;
    ask(current(), &request);
    return request.bits;
}

unsigned udml_ballot(unsigned mask, bool predicate, const char *file, int line) {
    Request request = request_for(kBallot, mask, file, line);
    request.bits = predicate;
    ask(current(), &request);
    return static_cast<unsigned>(request.bits);
}

unsigned udml_reduce(ReduceKind kind, unsigned mask, unsigned value, const char *file, int line) {
    Request request = request_for(kReduce, mask, file, line);
    request.operation = kind;
    request.bits = value;
    ask(current(), &request);
    return static_cast<unsigned>(request.bits);
}

// The lanes that have not returned: with independent threads a GPU may say any subset that holds the caller, so a
// kernel must not depend on more.
unsigned udml_active_mask() {
    Block *block = &current()->block;
    return block->warp[thread_number(block, current()->running) / kWarp].alive;
}

void udml_mma(Collective kind, float *d, const uint32_t *a, const uint32_t *b, const char *file, int line) {
    Request request = request_for(kind, ~0u, file, line);
    request.d = d;
    request.a = a;
    request.b = b;
    ask(current(), &request);
}

void udml_spread(uint32_t *r, const uint4 *row, int tiles, bool trans, const char *file, int line) {
    Request request = request_for(kLoadMatrix, ~0u, file, line);
    request.operation = trans;
    request.operand = tiles;
    request.r = r;
    request.row = row;
    ask(current(), &request);
}
