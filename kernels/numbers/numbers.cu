// A few numbers of the host on the device. As arguments of a launch they come in its turn, without a copy from memory of the host that
// must not change before the device has read it.
#include "../include/kernel.cuh"

// dst[i] = word i, for i < n; a thread a word.
KERNEL(numbers_set, unsigned char *dst, int n, unsigned long long w0, unsigned long long w1, unsigned long long w2,
       unsigned long long w3, unsigned long long w4, unsigned long long w5, unsigned long long w6, unsigned long long w7) {
    int i = threadIdx.x;
    unsigned long long low = i == 0 ? w0 : i == 1 ? w1 : i == 2 ? w2 : w3;
    unsigned long long high = i == 4 ? w4 : i == 5 ? w5 : i == 6 ? w6 : w7;
    if (i < n) reinterpret_cast<unsigned long long *>(dst)[i] = i < 4 ? low : high;
}
