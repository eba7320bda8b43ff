// The two passes of resizing an image of bytes, in integers.
#include "vector.h"
#include "versions.h"

#define INLINE static inline __attribute__((always_inline))

INLINE unsigned char clip(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

// Four channels at a time, though only three are wanted: they fill a vector.
INLINE void colour_row(unsigned char *restrict dst, const unsigned char *restrict src, struct udml_resize r,
		const int *restrict start, const int *restrict offset, const int *restrict weights) {
	for (int x = 0; x < r.size; x++, dst += 3) {
		const unsigned char *pixel = src + 4L * start[x];
		int half = 1 << (r.bits - 1), sums[4] = {half, half, half, half};
		for (int k = offset[x]; k < offset[x + 1]; k++, pixel += 4)
			for (int c = 0; c < 4; c++) sums[c] += weights[k] * pixel[c];
		for (int c = 0; c < 3; c++) dst[c] = clip(sums[c] >> r.bits);
	}
}

INLINE void grey_row(unsigned char *restrict dst, const unsigned char *restrict src, struct udml_resize r,
		const int *restrict start, const int *restrict offset, const int *restrict weights) {
	for (int x = 0; x < r.size; x++, dst += r.channels) {
		const unsigned char *pixel = src + start[x];
		int sum = 1 << (r.bits - 1);
		for (int k = offset[x]; k < offset[x + 1]; k++) sum += weights[k] * *pixel++;
		for (int c = 0; c < r.channels; c++) dst[c] = clip(sum >> r.bits);
	}
}

VERSIONS void udml_resize_rows(unsigned char *dst, const unsigned char *src, struct udml_resize r,
		const int *start, const int *offset, const int *weights) {
	for (long y = 0; y < r.rows; y++, dst += (long)r.size * r.channels, src += r.stride) {
		if (r.colour)
			colour_row(dst, src, r, start, offset, weights);
		else
			grey_row(dst, src, r, start, offset, weights);
	}
}

// Columns that are summed together: their sums fit in the registers of a vector unit.
enum { COLUMNS = 64 };

INLINE void columns(unsigned char *restrict dst, const unsigned char *restrict src, struct udml_resize r, int count,
		const int *restrict weights, int taps) {
	int sums[COLUMNS];
	for (int i = 0; i < count; i++) sums[i] = 1 << (r.bits - 1);
	for (int k = 0; k < taps; k++, src += r.stride)
		for (int i = 0; i < count; i++) sums[i] += weights[k] * src[i];
	for (int i = 0; i < count; i++) dst[i] = clip(sums[i] >> r.bits);
}

VERSIONS void udml_resize_columns(unsigned char *dst, const unsigned char *src, struct udml_resize r,
		const int *start, const int *offset, const int *weights) {
	for (int y = 0; y < r.size; y++, dst += r.stride) {
		const unsigned char *top = src + start[y] * r.stride;
		const int *w = weights + offset[y];
		int taps = offset[y + 1] - offset[y];
		long x = 0;
		for (; x + COLUMNS <= r.stride; x += COLUMNS) columns(dst + x, top + x, r, COLUMNS, w, taps);
		columns(dst + x, top + x, r, r.stride - x, w, taps);
	}
}
