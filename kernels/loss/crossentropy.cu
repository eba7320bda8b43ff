// Softmax cross entropy of scores with its gradient. A block works on one row, which it reads three times: its largest score, the sum of
// exponentials, the gradient. All of it is double, as on the CPU.
#include "../include/reduce.cuh"

namespace loss::entropy {

// Whether column j counts for a row of that target.
__device__ __forceinline__ bool counts(const int *kind, int target, int j) {
    return !kind || j == target || kind[j] != kind[target];
}

}  // namespace loss::entropy

// terms [n] get LSE - scale s_y of each row; ds [n,k] may be null; target [n] null is the row's own number; kind [k] null: all count.
KERNEL_BOUNDS(256, 2, loss_cross_entropy, double *terms, float *ds, const float *s, const int *target, const int *kind, int k,
              double scale, double factor) {
    int i = blockIdx.x, y = target ? target[i] : i;
    const float *row = s + static_cast<long long>(i) * k;
    float *out = ds ? ds + static_cast<long long>(i) * k : nullptr;
    if (y < 0 || y >= k) {
        for (int j = threadIdx.x; out && j < k; j += blockDim.x) out[j] = NAN;
        if (threadIdx.x == 0) terms[i] = NAN;
        return;
    }
    double top = -INFINITY, sum = 0;
    for (int j = threadIdx.x; j < k; j += blockDim.x) {
        double x = scale * row[j];
        if (loss::entropy::counts(kind, y, j) && x > top) top = x;  // NaN is no maximum, but spoils the sum
    }
    top = block_max(top, -static_cast<double>(INFINITY));
    for (int j = threadIdx.x; j < k; j += blockDim.x) {
        if (loss::entropy::counts(kind, y, j)) sum += exp(scale * row[j] - top);
    }
    sum = block_sum(sum);
    for (int j = threadIdx.x; out && j < k; j += blockDim.x) {
        double g = loss::entropy::counts(kind, y, j) ? exp(scale * row[j] - top) / sum : 0;
        out[j] = static_cast<float>(factor * (j == y ? g - 1 : g));
    }
    if (threadIdx.x == 0) terms[i] = top - scale * row[y] + log(sum);
}
