// The running statistics of batch norms, of all layers of a step in one launch: a layer has some dozens to some thousands of numbers, and a
// launch of its own would take longer than they do.
#include "../include/kernel.cuh"
#include "../include/reduce.cuh"

namespace {

// Layer is a batch norm in the list of norm_batch_running: running_cuda.go writes it.
struct Layer {
    float *mean, *variance;
    const float *new_mean, *new_inv, *weight;
    double rows, eps;  // rows of an image that has a weight, or of all
    int images, channels;
};
static_assert(sizeof(Layer) == 64, "the host counts on it");

}  // namespace

// A row of blocks a layer, a thread a channel; each block adds the images' weights for itself. The skip flag is known to the device alone.
KERNEL(norm_batch_running, const unsigned char *layers, double momentum, const int *skip) {
    if (skip && *skip != 0) return;
    const Layer &layer = reinterpret_cast<const Layer *>(layers)[blockIdx.y];
    int c = blockIdx.x * blockDim.x + threadIdx.x, channels = layer.channels, images = layer.images;
    if (static_cast<int>(blockIdx.x * blockDim.x) >= channels) return;
    const float *weight = layer.weight;
    double n = layer.rows;
    if (weight) {
        double sum = 0;
        for (int i = threadIdx.x; i < images; i += blockDim.x) sum += weight[i];
        n *= block_sum(sum);
    }
    if (c >= channels || n == 0) return;
    double inv = layer.new_inv[c], v = 1 / (inv * inv) - layer.eps;
    if (v < 0) v = 0;
    if (n > 1) v *= n / (n - 1);
    layer.mean[c] = static_cast<float>((1 - momentum) * layer.mean[c] + momentum * layer.new_mean[c]);
    layer.variance[c] = static_cast<float>((1 - momentum) * layer.variance[c] + momentum * v);
}
