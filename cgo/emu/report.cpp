// Reports of a kernel's errors: once a launch, on standard error, with the kernel, the block and the thread.
#include <stdarg.h>
#include <stdio.h>

#include "block.h"
#include "pool.h"

namespace udml {

struct Text {
    char bytes[2048];
    size_t used = 0;

    __attribute__((format(printf, 2, 3))) void add(const char *format, ...) {
        va_list arguments;
        va_start(arguments, format);
        int n = vsnprintf(bytes + used, sizeof bytes - used, format, arguments);
        va_end(arguments);
        if (n > 0) used += static_cast<size_t>(n);
        if (used >= sizeof bytes) used = sizeof bytes - 1;
    }
};

static void add_block(Text *text, const Block *block) {
    text->add("kernel %s, block (%u,%u,%u)", block->launch->kernel->name, block->index.x, block->index.y, block->index.z);
}

static void add_thread(Text *text, uint3 index) { text->add("thread (%u,%u,%u)", index.x, index.y, index.z); }

static void publish(Block *block, Outcome outcome, const Text &text) {
    block->failed = true;
    if (claim_failure(outcome)) fprintf(stderr, "udml emulator: %s\n", text.bytes);
}

[[noreturn]] static void abandon(Worker *worker) {
    void *unused;
    udml_switch(&unused, worker->scheduler_sp);
    __builtin_unreachable();
}

[[noreturn]] static void fail_with(Worker *worker, Outcome outcome, const char *what, const Site *site, const Site *other) {
    Text text;
    add_block(&text, &worker->block);
    text.add(", ");
    add_thread(&text, worker->running->index);
    text.add(": %s", what);
    if (other) text.add(" (%s:%d)", other->file, other->line);
    if (site) text.add(" at %s:%d", site->file, site->line);
    publish(&worker->block, outcome, text);
    abandon(worker);
}

void fail(Worker *worker, Outcome outcome, const char *what) { fail_with(worker, outcome, what, nullptr, nullptr); }

void fail(Worker *worker, Outcome outcome, Site site, const char *what) { fail_with(worker, outcome, what, &site, nullptr); }

void fail(Worker *worker, Outcome outcome, Site site, const char *what, Site other) {
    fail_with(worker, outcome, what, &site, &other);
}

static const char *name_of(Collective kind) {
    static const char *const names[] = {"__syncwarp", "a shuffle", "a ballot", "a reduction", "mma_f16", "mma_bf16", "mma_tf32",
        "ldmatrix", "wgmma", "wgmma_fence", "wgmma_commit", "wgmma_wait", "setmaxnreg"};
    return names[kind];
}

static void add_wait(Text *text, const Block *block, const Fiber *fiber) {
    add_thread(text, fiber->index);
    char state[160] = "a barrier";
    switch (fiber->state) {
    case kInNamed:
        snprintf(state, sizeof state, "named barrier %d, where %d of %d threads are,", fiber->waits_for,
                 block->async.named[fiber->waits_for].arrived, block->async.named[fiber->waits_for].threads);
        break;
    case kInMbarrier: add_mbarrier_state(block, fiber->waits_for, state, sizeof state); break;
    case kInWarpgroup: snprintf(state, sizeof state, "%s of its warpgroup", name_of(fiber->request->kind)); break;
    default: break;
    }
    if (fiber->state != kInCollective) {
        text->add(" waits in %s at %s:%d", state, fiber->site.file, fiber->site.line);
        return;
    }
    const Request *request = fiber->request;
    text->add(" waits in %s of mask %08x at %s:%d", name_of(request->kind), request->mask, request->site.file, request->site.line);
}

static bool same_wait(const Fiber *a, const Fiber *b) {
    if (a->state != b->state) return false;
    if (a->state != kInCollective) return a->site.line == b->site.line && a->waits_for == b->waits_for;
    return a->request->site.line == b->request->site.line && a->request->mask == b->request->mask;
}

// report_stuck lists the waits of a block's threads when none can go on: the first of each kind.
void report_stuck(Block *block) {
    constexpr int kKinds = 4;  // enough to see which thread waits for which
    const Fiber *shown[kKinds];
    int count = 0;
    Text text;
    text.add("deadlock: ");
    add_block(&text, block);
    for (int i = 0; i < block->threads && count < kKinds; i++) {
        const Fiber *fiber = &block->fiber[i];
        bool seen = fiber->state <= kReady || fiber->state == kFinished;
        for (int j = 0; j < count && !seen; j++) seen = same_wait(shown[j], fiber);
        if (seen) continue;
        shown[count++] = fiber;
        text.add("; ");
        add_wait(&text, block, fiber);
    }
    publish(block, kLaunchFailed, text);
}

void report_left_behind(Block *block, const char *what) {
    Text text;
    add_block(&text, block);
    text.add(": %s", what);
    publish(block, kLaunchFailed, text);
}

}  // namespace udml

void udml_trap(const char *what, const char *file, int line) {
    udml::fail(udml::current(), udml::kLaunchFailed, udml::Site{file, line}, what);
}
