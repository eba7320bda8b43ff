// Plain loops; the compiler makes a version for each kind of vector unit, and the loader takes the one that fits.
#include "vector.h"
#include "versions.h"

#include <string.h>

VERSIONS void udml_bias_floor(float *restrict y, const float *restrict b, long rows, long cols, float floor) {
	for (long i = 0; i < rows; i++, y += cols)
		for (long j = 0; j < cols; j++) {
			float v = y[j] + b[j];
			y[j] = v <= floor ? floor : v;
		}
}

VERSIONS void udml_mask(float *restrict dy, const float *restrict y, long count) {
	for (long i = 0; i < count; i++) {
		float g = dy[i];
		dy[i] = y[i] <= 0 ? 0 : g;
	}
}

VERSIONS void udml_add_rows(float *restrict sum, const float *restrict x, long rows, long cols) {
	for (long i = 0; i < rows; i++, x += cols)
		for (long j = 0; j < cols; j++) sum[j] += x[j];
}

// The elements of a pixel that are larger than the maxima so far, or NaN, replace them.
static inline __attribute__((always_inline)) void higher(float *restrict y, unsigned char *restrict at,
		const float *restrict pixel, int channels, unsigned char here) {
	for (int i = 0; i < channels; i++) {
		float v = pixel[i], best = y[i];
		int take = (v > best) | (v != v);
		y[i] = take ? v : best;
		at[i] = take ? here : at[i];
	}
}

VERSIONS void udml_max_line(float *y, unsigned char *at, const float *image, struct udml_windows w) {
	for (int j = 0; j < w.count; j++, y += w.channels, at += w.channels) {
		int start = j * w.stride - w.pad;
		int left = start < 0 ? 0 : start;
		int right = start + w.kernel < w.width ? start + w.kernel : w.width;
		memcpy(y, image + ((long)w.top * w.width + left) * w.channels, w.channels * sizeof *y);
		memset(at, (w.top - w.row) * w.kernel + left - start, w.channels);
		for (int r = w.top; r < w.bottom; r++)
			for (int q = left; q < right; q++)
				higher(y, at, image + ((long)r * w.width + q) * w.channels, w.channels, (r - w.row) * w.kernel + q - start);
	}
}
