// Concatenation, sums and scaling. All are bound by memory: each thread moves one element, of sums four where they are aligned, neighbours
// move neighbours, and a warp's loads are whole cache lines.
#include "../include/pack.cuh"

namespace {

template <typename T>
__device__ __forceinline__ void place(T *y, T *x, long long rows, int total, int at, int width, int take) {
	long long n = rows * width;
	for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
		T *there = y + i / width * total + at + i % width;
		if (take) x[i] = *there;
		else *there = x[i];
	}
}

// Sums of bfloat are taken in float.
template <int N, typename T>
__device__ __forceinline__ void add(T *y, const T *a, const T *b, long long n) {
	for (long long i = (blockIdx.x * (long long)blockDim.x + threadIdx.x) * N; i < n; i += (long long)gridDim.x * blockDim.x * N) {
		auto v = load<N>(a + i), w = load<N>(b + i);
#pragma unroll
		for (int e = 0; e < N; e++) v[e] += w[e];
		store(y + i, v);
	}
}

}  // namespace

// Places x [rows, width] into columns [at, at+width) of y [rows, total]; with take, the other way.
#define JOIN_PLACE(name, T)                                                                                 \
	KERNEL(name, T *y, T *x, long long rows, int total, int at, int width, int take) {                      \
		place(y, x, rows, total, at, width, take);                                                          \
	}
STORED(JOIN_PLACE, join_place)

// y = a + b
#define JOIN_ADD(name, T) \
	KERNEL(name, T *y, const T *a, const T *b, long long n, int pack) { PACKED(pack, add, y, a, b, n); }
STORED(JOIN_ADD, join_add)

// The same in float64.
KERNEL(join_add_double, double *y, const double *a, const double *b, long long n) { add<1>(y, a, b, n); }

// y = s[0] x: the factor is read on the device, so the host need not know it.
KERNEL(join_scale, float *y, const float *x, const float *s, long long n) {
	float factor = s[0];
	for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
		y[i] = factor * x[i];
	}
}

// y += alpha x
KERNEL(join_add_scaled, float *y, const float *x, float alpha, long long n) {
	for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
		y[i] += alpha * x[i];
	}
}
