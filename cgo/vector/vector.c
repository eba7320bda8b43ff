// Plain loops; the compiler makes a version for each kind of vector unit, and the loader takes the one that fits.
#include "vector.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=haswell", "default")))
#else
#define VERSIONS
#endif

VERSIONS void udml_bias_floor(float *restrict y, const float *restrict b, long rows, long cols, float floor) {
	for (long i = 0; i < rows; i++, y += cols)
		for (long j = 0; j < cols; j++) {
			float v = y[j] + b[j];
			y[j] = v <= floor ? floor : v;
		}
}

enum { LANES = 16 };

// One window for LANES channels at a time: the maxima stay in registers while the window goes by.
static inline __attribute__((always_inline)) void window(float *restrict y, unsigned char *restrict at,
		const float *restrict image, const struct udml_windows *w, int left, int right, int start, int lanes) {
	float best[LANES];
	int where[LANES];
	for (int i = 0; i < lanes; i++) {
		best[i] = image[((long)w->top * w->width + left) * w->channels + i];
		where[i] = (w->top - w->row) * w->kernel + left - start;
	}
	for (int r = w->top; r < w->bottom; r++)
		for (int q = left; q < right; q++) {
			const float *pixel = image + ((long)r * w->width + q) * w->channels;
			int here = (r - w->row) * w->kernel + q - start;
			for (int i = 0; i < lanes; i++) {
				int take = (pixel[i] > best[i]) | (pixel[i] != pixel[i]);
				best[i] = take ? pixel[i] : best[i];
				where[i] = take ? here : where[i];
			}
		}
	for (int i = 0; i < lanes; i++) {
		y[i] = best[i];
		at[i] = (unsigned char)where[i];
	}
}

VERSIONS void udml_max_line(float *y, unsigned char *at, const float *image, struct udml_windows w) {
	for (int j = 0; j < w.count; j++, y += w.channels, at += w.channels) {
		int start = j * w.stride - w.pad;
		int left = start < 0 ? 0 : start;
		int right = start + w.kernel < w.width ? start + w.kernel : w.width;
		int i = 0;
		for (; i + LANES <= w.channels; i += LANES) window(y + i, at + i, image + i, &w, left, right, start, LANES);
		if (i < w.channels) window(y + i, at + i, image + i, &w, left, right, start, w.channels - i);
	}
}
