// SGD with momentum as torch defines it, in one pass over parameter, gradient and momentum: memory is the bound. The flag that
// makes the step nothing is read on the device, so that the host need not wait for it.
#include "chunk.cuh"

namespace sgd {

// Step is one step's numbers. keep and take are 0 and 1 on the first step, whose momentum is the gradient itself.
struct Step {
    float rate, keep, take, decay, ahead;
    bool momentum, nesterov, first;

    __device__ __forceinline__ void operator()(float &p, float g, float &m, float &) const {
        float d = g + decay * p;
        if (momentum) {
            // The content of m before the first step, NaN included, must not count.
            m = first ? d : keep * m + take * d;
            d = nesterov ? d + ahead * m : m;
        }
        p -= rate * d;
    }
};

__device__ __forceinline__ void run(const update::Chunk &c, Step s, double rate) {
    s.rate = (float)(rate * c.rate);
    if (s.momentum) update::run<1>(c, s);
    else update::run<0>(c, s);
}

}  // namespace sgd

// One parameter of n elements, a chunk a block.
KERNEL_BOUNDS(256, 4, update_sgd, float *p, const float *g, float *m, long long n, double rate, float keep, float take,
              float decay, float ahead, int nesterov, int first, const int *skip) {
    if (skip && skip[0] != 0) return;
    sgd::Step s = {0, keep, take, decay, ahead, m != nullptr, nesterov != 0, first != 0};
    sgd::run(update::chunk_of(p, g, m, nullptr, n, blockIdx.x), s, rate);
}

// All parameters of a table, a chunk a block. Their momentum has no part where the factor, ahead, is 0. numbers (optimizer.go) are rate
// and number of the step, on the device, so that a captured launch takes the step of its time; on the first, keep and take do not count.
KERNEL_BOUNDS(256, 4, update_sgd_list, const update::Chunk *table, const double *numbers, float keep, float take, float decay,
              float ahead, int nesterov, const int *skip) {
    if (skip && skip[0] != 0) return;
    update::Chunk c = table[blockIdx.x];
    sgd::Step s = {0, keep, take, decay, ahead, c.m != nullptr && ahead != 0, nesterov != 0, numbers[1] == 1};
    sgd::run(c, s, numbers[0]);
}
