// A factor that lets a number through in part, as GELU's and SwiGLU's, with its derivative.
#pragma once
#include "../include/kernel.cuh"

namespace act {

struct Gate {
    float value, slope;
};

// within is x from [-100, 100], where each factor has reached its limit: no product is then infinity times 0. A NaN stays.
__device__ __forceinline__ float within(float x) { return x > 100.0f ? 100.0f : x < -100.0f ? -100.0f : x; }

// sigmoid is by the exponential that does not overflow.
__device__ __forceinline__ Gate sigmoid(float a) {
    float e = expf(-fabsf(a)), part = 1.0f / (1.0f + e), rest = e * part;
    return {a > 0 ? part : rest, part * rest};
}

}  // namespace act
