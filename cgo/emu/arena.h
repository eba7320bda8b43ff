// Device memory: one range of the host's addresses, with a guard on either side of each allocation.
#pragma once
#include <map>

#include "launch.h"

namespace udml {

class Arena {
public:
    // open reserves addresses; memory is taken only when touched.
    bool open(size_t capacity);
    // allocate returns null when less than `bytes` of the capacity is left.
    char *allocate(size_t bytes);
    // release returns 0, or -1 when p is not an allocation, or 1 when a guard was overwritten (and printed).
    int release(char *p);
    // contains says whether bytes from p on lie in one live allocation.
    bool contains(const void *p, size_t bytes) const;
    // check looks at every guard and prints what it finds; true when all are whole.
    bool check() const;
    size_t capacity() const { return capacity_; }
    size_t used() const { return used_; }
    Memory memory() const { return {base_, reserved_, valid_}; }

private:
    void mark(char *p, size_t bytes, bool live);
    bool whole(const char *p, size_t bytes) const;

    char *base_ = nullptr;
    size_t reserved_ = 0, capacity_ = 0, used_ = 0;
    uint16_t *valid_ = nullptr;
    std::map<char *, size_t> live_;  // start and size as asked for
    std::map<char *, size_t> free_;  // start and size, guards included; neighbours are joined
};

}  // namespace udml
