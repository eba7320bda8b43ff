// AdamW as torch defines it, in one pass over parameter, gradient and both moments: memory is the bound. The flag that makes the
// step nothing is read on the device, so that the host need not wait for it.
#include "chunk.cuh"

namespace adamw {

// Step is one step's numbers, those of adamFactors on the CPU.
struct Step {
    float shrink, first, keep, second, eps, rate, scale;

    __device__ __forceinline__ void operator()(float &p, float g, float &m, float &v) const {
        m += first * (g - m);
        v = keep * v + second * g * g;
        p = p * shrink - rate * m / (sqrtf(v) * scale + eps);
    }
};

// rate and decay are those of a parameter whose factor is 1.
__device__ __forceinline__ void run(const update::Chunk &c, Step a, double rate, double decay) {
    a.rate = (float)(rate * c.rate);
    a.shrink = (float)(1 - decay * c.rate);
    update::run<2>(c, a);
}

}  // namespace adamw

// One parameter of n elements, a chunk a block. rate = LR/(1-Beta1^step), decay = LR WeightDecay.
KERNEL_BOUNDS(256, 4, update_adamw, float *p, const float *g, float *m, float *v, long long n, double rate, double decay,
              float first, float keep, float second, float eps, float scale, const int *skip) {
    if (skip && skip[0] != 0) return;
    adamw::run(update::chunk_of(p, g, m, v, n, blockIdx.x), {0, first, keep, second, eps, 0, scale}, rate, decay);
}

// All parameters of a table, a chunk a block. numbers (optimizer.go) are those that differ from step to step, on the device, so that a
// captured launch takes the step of its time.
KERNEL_BOUNDS(256, 4, update_adamw_list, const update::Chunk *table, const double *numbers, double weight_decay, float first,
              float keep, float second, float eps, const int *skip) {
    if (skip && skip[0] != 0) return;
    adamw::run(table[blockIdx.x], {0, first, keep, second, eps, 0, (float)numbers[3]}, numbers[2], numbers[0] * weight_decay);
}
