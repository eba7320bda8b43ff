// Rotary positions: the tables, and the rotation of queries and keys. The rotation is bound by memory: neighbouring threads have
// neighbouring pairs, and each pair is read before it is written, so that the result may take the place of the input.
#include "../include/kernel.cuh"
#include "../include/bfloat.cuh"
#include "../include/lines.cuh"

// Of cos and sin, for angles beyond 105,615; these are below 7.
KERNEL_STACK_ALLOWED(rope_table)

// cos, sin [height width, half]. In double: an angle of some turns has no digits to lose in float32, and the tables are small.
KERNEL(rope_table, float *cosines, float *sines, int n, int half, int height, int width, double base) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        int patch = i / half, column = i % half;
        double place = 2 * (patch / width + 0.5) / height - 1;
        if (column >= half / 2) place = 2 * (patch % width + 0.5) / width - 1;
        double angle = 2 * 3.14159265358979323846 * place / pow(base, 2.0 * (column % (half / 2)) / half);
        cosines[i] = static_cast<float>(cos(angle));
        sines[i] = static_cast<float>(sin(angle));
    }
}

namespace {

// x, y [lines, 3 width]; a line is a token, of which places [0, width) are pairs, and [width, 2 width) values to copy, where places is
// that large.
template <typename T>
__device__ __forceinline__ void rotate(T *y, const T *x, const float *cosines, const float *sines, int lines, int tokens, int prefix,
                                       int width, int half, int places, float sign) {
    int place = line_place();
    if (place >= places) return;
    bool value = place >= width;
    int j = place % half, column = value ? width + place : place / half * 2 * half + j;
    for (int i = first_line(); i < lines; i += line_step()) {
        long long at = static_cast<long long>(i) * 3 * width + column;
        float a = x[at];
        if (value) {
            y[at] = a;
            continue;
        }
        float b = x[at + half], c = 1, s = 0;
        int token = i % tokens - prefix;
        if (token >= 0) {
            c = cosines[token * half + j];
            s = sign * sines[token * half + j];
        }
        y[at] = a * c - b * s;
        y[at + half] = b * c + a * s;
    }
}

}  // namespace

#define ROPE_ROTATE(name, T)                                                                                                 \
    KERNEL(name, T *y, const T *x, const float *cosines, const float *sines, int lines, int tokens, int prefix, int width,   \
           int half, int places, float sign) {                                                                               \
        rotate(y, x, cosines, sines, lines, tokens, prefix, width, half, places, sign);                                      \
    }
STORED(ROPE_ROTATE, rope_rotate)
