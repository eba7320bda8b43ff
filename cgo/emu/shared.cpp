// Shared memory: the dynamic part is the worker's own buffer, the static part is the thread-local segment of this library.
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include <unordered_map>
#include <vector>

#include "block.h"

namespace udml {

// A GPU promises no more than 16 bytes for the start of dynamic shared memory. So it does not begin where the pattern of a
// swizzled layout does, which a kernel must then see to itself.
constexpr size_t kSwizzlePeriod = 1024, kSharedBase = kUnit;

struct Segment {
    char *base;
    size_t bytes;
};

// This library's segment is the one that holds the calling thread's index variables.
static int find_segment(dl_phdr_info *info, size_t, void *data) {
    Segment *segment = static_cast<Segment *>(data);
    const char *inside = reinterpret_cast<const char *>(&threadIdx);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const auto &header = info->dlpi_phdr[i];
        char *base = static_cast<char *>(info->dlpi_tls_data);
        if (header.p_type != PT_TLS || !base || inside < base || inside >= base + header.p_memsz) continue;
        *segment = {base, header.p_memsz};
        return 1;
    }
    return 0;
}

// All ones is NaN in every float format and -1 as an integer, so a block that reads before it has written gets those.
constexpr int kPoison = 0xff;

// The static part holds the arrays of all kernels together, and one kernel writes few of them. So each worker learns
// which pieces a kernel dirties. It looks through the whole segment after a kernel's first blocks, and now and then
// later; a piece that a kernel starts to use in between stays dirty until the next look.
constexpr size_t kPiece = 4096;
constexpr uint64_t kFirstLooks = 8, kLookEvery = 64;

struct Footprint {
    std::vector<size_t> pieces;  // offsets
    std::vector<bool> known;
    uint64_t blocks = 0;
};

struct Footprints {
    std::unordered_map<const Kernel *, Footprint> of;
    Footprint *last = nullptr;  // of the kernel whose block ran last; null before the first
};

static size_t length_at(const Worker *worker, size_t offset) {
    return worker->static_bytes - offset < kPiece ? worker->static_bytes - offset : kPiece;
}

static bool is_poison(const char *p, size_t bytes) {
    return static_cast<unsigned char>(*p) == kPoison && memcmp(p, p + 1, bytes - 1) == 0;
}

static void learn(const Worker *worker, Footprint *footprint) {
    footprint->known.resize(worker->static_bytes / kPiece + 1);
    for (size_t at = 0; at < worker->static_bytes; at += kPiece) {
        if (footprint->known[at / kPiece] || is_poison(worker->static_base + at, length_at(worker, at))) continue;
        footprint->known[at / kPiece] = true;
        footprint->pieces.push_back(at);
    }
}

static void erase_last(const Worker *worker, Footprint *last) {
    if (last->blocks < kFirstLooks || last->blocks % kLookEvery == 0) learn(worker, last);
    last->blocks++;
    for (size_t at : last->pieces) memset(worker->static_base + at, kPoison, length_at(worker, at));
}

void poison_shared(Worker *worker, const Launch *launch) {
    Footprints *footprints = worker->footprints;
    if (footprints->last) erase_last(worker, footprints->last);
    else memset(worker->static_base, kPoison, worker->static_bytes);
    footprints->last = &footprints->of[launch->kernel];
    memset(worker->shared, kPoison, launch->shared);
}

void prepare_shared(Worker *worker) {
    Segment segment = {};
    dl_iterate_phdr(find_segment, &segment);
    worker->static_base = segment.base;
    worker->static_bytes = segment.bytes;
    worker->shared = static_cast<unsigned char *>(aligned_alloc(kSwizzlePeriod, kSwizzlePeriod + kMaxShared)) + kSharedBase;
    worker->footprints = new Footprints();
}

}  // namespace udml

unsigned char *udml_dynamic_shared() { return udml::current()->shared; }

uint32_t udml_shared_address(const void *p) {
    return static_cast<uint32_t>(static_cast<const unsigned char *>(p) - udml::current()->shared + udml::kSharedBase);
}
