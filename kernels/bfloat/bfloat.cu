// float32 to bfloat16 and back, by the bits, so that CPU and GPU agree on every one. Bound by memory; neighbours move neighbours.
#include "../include/pack.cuh"

namespace {

// The upper half of the nearest number's bits, ties to even; a NaN stays one.
__device__ __forceinline__ unsigned nearest(float v) {
	unsigned b = __float_as_uint(v);
	if ((b & 0x7fffffffu) > 0x7f800000u) return b >> 16 | 0x40u;
	return (b + 0x7fffu + (b >> 16 & 1u)) >> 16;
}

// Item is an array in the list of bfloat_pack_list: bfloat_cuda.go writes it.
struct Item {
	bfloat *y;
	const float *x;
	long long n;
};
static_assert(sizeof(Item) == 24, "the host counts on it");

template <int N>
__device__ __forceinline__ void pack_item(const Item &item) {
	long long step = gridDim.x * (long long)blockDim.x * N;
	for (long long i = (blockIdx.x * (long long)blockDim.x + threadIdx.x) * N; i < item.n; i += step) {
		store(item.y + i, load<N>(item.x + i));
	}
}

}  // namespace

// A row of blocks for each array of the list.
KERNEL(bfloat_pack_list, const unsigned char *list, int pack) {
	PACKED(pack, pack_item, reinterpret_cast<const Item *>(list)[blockIdx.y]);
}

KERNEL(bfloat_round, float *x, long long n) {
	for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
		x[i] = __uint_as_float(nearest(x[i]) << 16);
	}
}

KERNEL(bfloat_pack, unsigned short *y, const float *x, long long n) {
	for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
		y[i] = (unsigned short)nearest(x[i]);
	}
}

KERNEL(bfloat_unpack, float *x, const unsigned short *y, long long n) {
	for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
		x[i] = __uint_as_float((unsigned)y[i] << 16);
	}
}
