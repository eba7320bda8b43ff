// Asynchronous copies from global to shared memory. The plain build copies at once. The check build copies at the wait,
// and reports any earlier use of the destination, which would be an error on a GPU. A copy without a wait is never made.
#include <string.h>

#include "block.h"

namespace udml {

static void deliver(const Copy &copy) {
    if (copy.valid) memcpy(copy.shared, copy.global, static_cast<size_t>(copy.bytes));
    else memset(copy.shared, 0, static_cast<size_t>(copy.bytes));
}

static void deliver_up_to(Fiber *fiber, int group) {
    if (!kChecked) return;
    auto &pending = fiber->copies.pending;
    size_t kept = 0;
    for (const Copy &copy : pending) {
        if (copy.group > group) {
            pending[kept++] = copy;
            continue;
        }
        check_landing(copy);
        deliver(copy);
    }
    pending.resize(kept);
}

}  // namespace udml

using namespace udml;

void udml_copy_async(void *shared, const void *global, int bytes, bool valid) {
    Copy copy = {shared, global, bytes, valid, 0};
    if (!kChecked) {
        deliver(copy);
        return;
    }
    check_start_of(copy);
    CopyQueue *queue = &current()->running->copies;
    copy.group = queue->committed;
    queue->pending.push_back(copy);
}

// Groups are numbered from 0; a copy belongs to the group that the next commit closes.
void udml_copy_commit() { current()->running->copies.committed++; }

void udml_copy_wait(int newest) {
    Fiber *fiber = current()->running;
    deliver_up_to(fiber, fiber->copies.committed - 1 - newest);
}
