// An exponential moving average of parameters, in one pass and one launch for all: memory is the bound.
#include "chunk.cuh"

namespace average {

struct Step {
    float keep, take;

    __device__ __forceinline__ void operator()(float &p, float g, float &, float &) const {
        p = __fadd_rn(__fmul_rn(keep, p), __fmul_rn(take, g));
    }
};

}  // namespace average

// All parameters of a table, a chunk a block; what they move to stands in the place of their gradients.
KERNEL_BOUNDS(256, 4, update_average_list, const update::Chunk *table, float keep, float take, const int *skip) {
    if (skip[0] != 0) return;
    update::run<0>(table[blockIdx.x], average::Step{keep, take});
}
