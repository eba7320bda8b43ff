// The loops of layer normalisation. Rows are of cols features; layernorm.go documents the functions.
#include "vector.h"
#include "versions.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// A sum over a row has this many parts: feature j goes to part j % LANES, whatever the vector unit's width.
enum { LANES = 16 };
typedef float lanes __attribute__((vector_size(4 * LANES)));

// The LANES numbers from x on, wherever they begin.
typedef float unaligned __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define AT(x) (*(const unaligned *)(x))

// The sum of the parts, in order.
INLINE double total(const float *part) {
	double sum = 0;
	for (int k = 0; k < LANES; k++) sum += part[k];
	return sum;
}

INLINE double row_sum(const float *x, long cols) {
	lanes sum = {0};
	long j = 0;
	for (; j + LANES <= cols; j += LANES) sum += AT(x + j);
	float part[LANES];
	memcpy(part, &sum, sizeof sum);
	for (int k = 0; j < cols; j++, k++) part[k] += x[j];
	return total(part);
}

// The sums of x - mean and of its square.
INLINE void row_deviations(double *sum, double *squares, const float *x, float mean, long cols) {
	lanes s1 = {0}, s2 = {0};
	long j = 0;
	for (; j + LANES <= cols; j += LANES) {
		lanes d = AT(x + j) - mean;
		s1 += d;
		s2 += d * d;
	}
	float part1[LANES], part2[LANES];
	memcpy(part1, &s1, sizeof s1);
	memcpy(part2, &s2, sizeof s2);
	for (int k = 0; j < cols; j++, k++) {
		float d = x[j] - mean;
		part1[k] += d;
		part2[k] += d * d;
	}
	*sum = total(part1);
	*squares = total(part2);
}

VERSIONS void udml_layer_moments(float *mean, float *variance, const float *x, long rows, long cols) {
	for (long i = 0; i < rows; i++, x += cols) {
		float near = row_sum(x, cols) / cols;
		double off, squares;
		row_deviations(&off, &squares, x, near, cols);
		double v = (squares - off * off / cols) / cols;
		mean[i] = near + off / cols;
		variance[i] = v < 0 ? 0 : v;
	}
}

VERSIONS void udml_layer_affine(float *y, const float *x, const float *gamma, const float *beta, const float *mean, const float *inv,
		long rows, long cols) {
	for (long i = 0; i < rows; i++, x += cols, y += cols) {
		float m = mean[i], scale = inv[i];
		SAME_OR_APART
		for (long j = 0; j < cols; j++) y[j] = (x[j] - m) * scale * gamma[j] + beta[j];
	}
}

// The sums of g = dy gamma and of g h, h being the normalised x.
INLINE void row_gradients(double *sum, double *along, const float *dy, const float *x, const float *gamma, float mean, float inv,
		long cols) {
	lanes s1 = {0}, s2 = {0};
	long j = 0;
	for (; j + LANES <= cols; j += LANES) {
		lanes g = AT(dy + j) * AT(gamma + j);
		s1 += g;
		s2 += g * ((AT(x + j) - mean) * inv);
	}
	float part1[LANES], part2[LANES];
	memcpy(part1, &s1, sizeof s1);
	memcpy(part2, &s2, sizeof s2);
	for (int k = 0; j < cols; j++, k++) {
		float g = dy[j] * gamma[j];
		part1[k] += g;
		part2[k] += g * ((x[j] - mean) * inv);
	}
	*sum = total(part1);
	*along = total(part2);
}

VERSIONS void udml_layer_input(float *dx, const float *dy, const float *x, const float *gamma, const float *mean,
		const float *inv, long rows, long cols) {
	for (long i = 0; i < rows; i++, dx += cols, dy += cols, x += cols) {
		float m = mean[i], scale = inv[i];
		double sum, along;
		row_gradients(&sum, &along, dy, x, gamma, m, scale, cols);
		float a = sum / cols, b = along / cols;
		SAME_OR_APART
		for (long j = 0; j < cols; j++) dx[j] = ((dy[j] * gamma[j] - a) - (x[j] - m) * scale * b) * scale;
	}
}

VERSIONS void udml_layer_sums(float *restrict dgamma, float *restrict dbeta, const float *restrict dy, const float *restrict x,
		const float *mean, const float *inv, long rows, long cols) {
	for (long i = 0; i < rows; i++, dy += cols, x += cols) {
		float m = mean[i], scale = inv[i];
		for (long j = 0; j < cols; j++) {
			dbeta[j] += dy[j];
			dgamma[j] += dy[j] * ((x[j] - m) * scale);
		}
	}
}
