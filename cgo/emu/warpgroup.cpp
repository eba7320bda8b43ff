// What a warpgroup, four neighbouring warps, does as a whole: wgmma with its fence, commit and wait, and setmaxnreg. The last thread to
// come acts for all. The plain build multiplies at once. The check build multiplies at the wait; until then the threads' sums are NaN.
#include <math.h>

#include "block.h"

namespace udml {

static float *place_of_sum(const Sums &sums, int row, int column) {
    int thread = row / 16 * kWarp + row % 8 * 4 + column % 8 / 2;
    return sums.of[thread] + column / 8 * 4 + row / 8 % 2 * 2 + column % 2;
}

static void take_sums(Sums *sums) {
    sums->values.resize(static_cast<size_t>(64 * sums->n));
    for (int row = 0; row < 64; row++)
        for (int column = 0; column < sums->n; column++) {
            float *at = place_of_sum(*sums, row, column);
            sums->values[static_cast<size_t>(row * sums->n + column)] = *at;
            *at = NAN;
        }
}

static void give_sums(const Sums &sums) {
    for (int row = 0; row < 64; row++)
        for (int column = 0; column < sums.n; column++)
            *place_of_sum(sums, row, column) = sums.values[static_cast<size_t>(row * sums.n + column)];
}

static Request *request_of(Block *block, int first, int i) { return block->fiber[first + i].request; }

// sums_of are the threads' accumulators, as they are under way or, from now on, as the threads left them.
static int sums_of(Worker *worker, int first, Site site) {
    Block *block = &worker->block;
    Warpgroup *group = &block->async.group[first / kWarpgroup];
    Sums fresh;
    for (int i = 0; i < kWarpgroup; i++) fresh.of[i] = request_of(block, first, i)->d;
    fresh.n = request_of(block, first, 0)->width;
    for (size_t i = 0; i < group->sums.size(); i++)
        if (group->sums[i].under_way && group->sums[i].of[0] == fresh.of[0] && group->sums[i].n == fresh.n) return static_cast<int>(i);
    if (!group->fenced) fail(worker, kLaunchFailed, site, "wgmma without a wgmma_fence since its accumulators were free to change");
    fresh.under_way = 0;
    take_sums(&fresh);
    for (size_t i = 0; i < group->sums.size(); i++)
        if (!group->sums[i].under_way) {
            group->sums[i] = fresh;
            return static_cast<int>(i);
        }
    group->sums.push_back(fresh);
    return static_cast<int>(group->sums.size()) - 1;
}

static void finish_product(Worker *worker, Warpgroup *group, const Product &product) {
    Sums *sums = &group->sums[static_cast<size_t>(product.sums)];
    multiply_group(worker, product, sums->values.data());
    if (--sums->under_way == 0) give_sums(*sums);
}

static void start_product(Worker *worker, int first) {
    Warpgroup *group = &worker->block.async.group[first / kWarpgroup];
    const Request *request = request_of(&worker->block, first, 0);
    Product product = {request->left, request->right, request->width, group->committed, request->operation != 0, request->bits != 0, 0};
    product.sums = sums_of(worker, first, request->site);
    group->sums[static_cast<size_t>(product.sums)].under_way++;
    check_operands(worker, product, first, request->site);
    if (kChecked) group->products.push_back(product);
    else finish_product(worker, group, product);
}

static void wait_for_products(Worker *worker, int first, int newest) {
    Warpgroup *group = &worker->block.async.group[first / kWarpgroup];
    std::vector<Product> rest;
    for (const Product &product : group->products) {
        if (product.group > group->committed - 1 - newest) {
            rest.push_back(product);
            continue;
        }
        check_operands(worker, product, first, request_of(&worker->block, first, 0)->site);
        finish_product(worker, group, product);
    }
    group->products = rest;
    group->fenced = false;
    for (int warp = first; kChecked && warp < first + kWarpgroup; warp += kWarp) check_operands_done(worker, warp);
}

// set_registers says whether the warpgroup has its registers: more of them it gets when others have given up so many.
static bool set_registers(Worker *worker, int first) {
    Async *async = &worker->block.async;
    Warpgroup *group = &async->group[first / kWarpgroup];
    const Request *request = request_of(&worker->block, first, 0);
    int wanted = request->operand, more = (wanted - group->registers) * kWarpgroup;
    if (wanted < 24 || wanted > 256 || wanted % 8)
        fail(worker, kLaunchFailed, request->site, "setmaxnreg to a number that is no multiple of 8 from 24 to 256");
    if (request->operation ? more < 0 : more > 0)
        fail(worker, kLaunchFailed, request->site, "setmaxnreg that shall add registers and would take some, or the other way round");
    if (more > async->free_registers) return false;
    async->free_registers -= more;
    group->registers = wanted;
    return true;
}

static void release(Block *block, int first) {
    block->async.group[first / kWarpgroup].arrived = 0;
    for (int i = first; i < first + kWarpgroup; i++) wake(block, i);
}

// retry lets warpgroups go on that waited for registers.
static void retry(Worker *worker) {
    Block *block = &worker->block;
    for (int first = 0; first + kWarpgroup <= block->threads; first += kWarpgroup) {
        bool whole = block->async.group[first / kWarpgroup].arrived == kWarpgroup;
        if (whole && set_registers(worker, first)) release(block, first);
    }
}

static void act(Worker *worker, int first) {
    Block *block = &worker->block;
    Warpgroup *group = &block->async.group[first / kWarpgroup];
    const Request *request = request_of(block, first, 0);
    switch (request->kind) {
    case kGroupProduct: start_product(worker, first); break;
    case kGroupFence: group->fenced = true; break;
    case kGroupCommit: group->committed++; break;
    case kGroupWait: wait_for_products(worker, first, request->operand); break;
    default: retry(worker); return;
    }
    release(block, first);
}

static bool alike(const Request &a, const Request &b) {
    return a.kind == b.kind && a.site.line == b.site.line && a.operation == b.operation && a.operand == b.operand && a.width == b.width &&
           a.left == b.left && a.right == b.right && a.bits == b.bits;
}

static void ask(Request *request) {
    Worker *worker = current();
    Block *block = &worker->block;
    Fiber *fiber = worker->running;
    int thread = thread_number(block, fiber), first = thread / kWarpgroup * kWarpgroup;
    if (first + kWarpgroup > block->threads) fail(worker, kLaunchFailed, request->site, "a warpgroup that is not whole");
    for (int i = first; i < first + kWarpgroup; i++)
        if (block->fiber[i].state == kInWarpgroup && !alike(*block->fiber[i].request, *request))
            fail(worker, kLaunchFailed, request->site, "the threads of a warpgroup do not ask for the same", block->fiber[i].site);
    fiber->request = request;
    fiber->state = kInWarpgroup;
    fiber->site = request->site;
    fiber->waits_for = first;
    if (++block->async.group[first / kWarpgroup].arrived == kWarpgroup) act(worker, first);
    suspend(worker);
}

void start_async(Block *block) {
    Async *async = &block->async;
    async->mbarriers.clear();
    async->copies.clear();
    for (NamedBarrier &one : async->named) one.arrived = 0, one.clock.seen.clear();
    // ptxas gives a kernel that uses setmaxnreg as many registers as the bound on its threads lets each have.
    int each = kRegisters / block->launch->kernel->max_threads / 8 * 8;
    async->free_registers = 0;
    for (Warpgroup &one : async->group) {
        one.arrived = one.committed = 0;
        one.fenced = false;
        one.registers = each;
        one.products.clear();
        one.sums.clear();
    }
}

}  // namespace udml

using namespace udml;

void udml_group_product(float *d, int n, bool half, uint64_t left, uint64_t right, bool keep, const char *file, int line) {
    Request request = {};
    request.kind = kGroupProduct;
    request.site = {file, line};
    request.d = d;
    request.width = n;
    request.operation = half;
    request.bits = keep;
    request.left = left;
    request.right = right;
    ask(&request);
}

void udml_group_do(Collective kind, int value, bool more, const char *file, int line) {
    Request request = {};
    request.kind = kind;
    request.site = {file, line};
    request.operand = value;
    request.operation = more;
    ask(&request);
}
