// An allocation is a guard of one unit, the memory rounded up to units, and a guard again. The bytes that the rounding adds are
// guard too.
#include "arena.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>

namespace udml {

constexpr unsigned char kGuard = 0xa5;

// All ones is NaN in every float format, so a program that reads before it has written gets NaN.
constexpr unsigned char kUnwritten = 0xff;

// Larger allocations are left as they come (zeros): a test that only fills the device must stay cheap.
constexpr size_t kFilled = size_t{256} << 20;

static size_t round_up(size_t bytes) { return (bytes + kUnit - 1) / kUnit * kUnit; }

static char *reserve(size_t bytes) {
    void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? nullptr : static_cast<char *>(p);
}

// Twice the capacity is reserved, so that guards and holes do not make memory run out before it is used.
bool Arena::open(size_t capacity) {
    capacity_ = capacity;
    reserved_ = round_up(2 * capacity + (size_t{64} << 20));
    base_ = reserve(reserved_);
    valid_ = reinterpret_cast<uint16_t *>(reserve(reserved_ / kUnit * sizeof *valid_));
    if (!base_ || !valid_) return false;
    free_[base_] = reserved_;
    return true;
}

void Arena::mark(char *p, size_t bytes, bool live) {
    for (size_t done = 0; done < bytes; done += kUnit)
        valid_[static_cast<size_t>(p + done - base_) / kUnit] = live ? static_cast<uint16_t>(std::min(kUnit, bytes - done)) : 0;
}

char *Arena::allocate(size_t bytes) {
    if (bytes == 0 || bytes > capacity_ || used_ + round_up(bytes) > capacity_) return nullptr;
    size_t whole = round_up(bytes) + 2 * kUnit;
    auto hole = free_.begin();
    while (hole != free_.end() && hole->second < whole) ++hole;
    if (hole == free_.end()) return nullptr;
    char *start = hole->first, *p = start + kUnit;
    size_t left = hole->second - whole;
    free_.erase(hole);
    if (left) free_[start + whole] = left;
    used_ += round_up(bytes);
    live_[p] = bytes;
    mark(p, bytes, true);
    memset(start, kGuard, kUnit);
    if (bytes <= kFilled) memset(p, kUnwritten, bytes);
    memset(p + bytes, kGuard, round_up(bytes) - bytes + kUnit);
    return p;
}

static const char *damage(const char *from, const char *to) {
    for (; from < to; from++)
        if (static_cast<unsigned char>(*from) != kGuard) return from;
    return nullptr;
}

bool Arena::whole(const char *p, size_t bytes) const {
    const char *at = damage(p - kUnit, p);
    if (!at) at = damage(p + bytes, p + round_up(bytes) + kUnit);
    if (!at) return true;
    fprintf(stderr, "udml emulator: guard bytes overwritten: %zd bytes from the start of device memory %p of %zu bytes\n",
            at - p, static_cast<const void *>(p), bytes);
    return false;
}

int Arena::release(char *p) {
    auto entry = live_.find(p);
    if (entry == live_.end()) return -1;
    size_t bytes = entry->second, size = round_up(bytes) + 2 * kUnit;
    bool kept = whole(p, bytes);
    live_.erase(entry);
    used_ -= round_up(bytes);
    mark(p, bytes, false);
    if (bytes > kFilled) madvise(p, round_up(bytes), MADV_DONTNEED);  // the rest is written over when it is used again
    char *start = p - kUnit;
    auto after = free_.lower_bound(start);
    if (after != free_.end() && after->first == start + size) {
        size += after->second;
        after = free_.erase(after);
    }
    if (after != free_.begin() && std::prev(after)->first + std::prev(after)->second == start) std::prev(after)->second += size;
    else free_[start] = size;
    return kept ? 0 : 1;
}

bool Arena::contains(const void *p, size_t bytes) const {
    const char *start = static_cast<const char *>(p);
    auto entry = live_.upper_bound(const_cast<char *>(start));
    if (entry == live_.begin()) return false;
    --entry;
    return bytes <= entry->second && static_cast<size_t>(start - entry->first) <= entry->second - bytes;
}

bool Arena::check() const {
    bool kept = true;
    for (const auto &entry : live_) kept = whole(entry.first, entry.second) && kept;
    return kept;
}

}  // namespace udml
