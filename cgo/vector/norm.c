// The loops of batch normalisation. Rows are of cols channels; norm.go documents the functions.
#include "vector.h"
#include "versions.h"

VERSIONS void udml_affine_rows(float *y, const float *x, const float *mean, const float *scale, const float *beta,
		long rows, long cols, float floor) {
	for (long i = 0; i < rows; i++, y += cols, x += cols)
		SAME_OR_APART
		for (long j = 0; j < cols; j++) {
			float v = (x[j] - mean[j]) * scale[j] + beta[j];
			y[j] = v <= floor ? floor : v;
		}
}

VERSIONS void udml_gate_rows(float *restrict dy, const float *restrict x, const float *mean, const float *scale,
		const float *beta, long rows, long cols) {
	for (long i = 0; i < rows; i++, dy += cols, x += cols)
		for (long j = 0; j < cols; j++) {
			float v = (x[j] - mean[j]) * scale[j] + beta[j], g = dy[j];
			dy[j] = v <= 0 ? 0 : g;
		}
}

VERSIONS void udml_moments(float *restrict s1, float *restrict s2, const float *restrict origin, const float *restrict x,
		long rows, long cols) {
	for (; rows >= 4; rows -= 4, x += 4 * cols)
		for (long j = 0; j < cols; j++) {
			float a = x[j] - origin[j], b = x[cols + j] - origin[j];
			float c = x[2 * cols + j] - origin[j], d = x[3 * cols + j] - origin[j];
			s1[j] += (a + b) + (c + d);
			s2[j] += (a * a + b * b) + (c * c + d * d);
		}
	for (; rows > 0; rows--, x += cols)
		for (long j = 0; j < cols; j++) {
			float d = x[j] - origin[j];
			s1[j] += d;
			s2[j] += d * d;
		}
}

VERSIONS void udml_gradient_sums(float *restrict s1, float *restrict s2, const float *restrict dy, const float *restrict x,
		const float *restrict mean, long rows, long cols) {
	for (; rows >= 2; rows -= 2, dy += 2 * cols, x += 2 * cols)
		for (long j = 0; j < cols; j++) {
			float a = dy[j], b = dy[cols + j];
			s1[j] += a + b;
			s2[j] += a * (x[j] - mean[j]) + b * (x[cols + j] - mean[j]);
		}
	if (rows == 0) return;
	for (long j = 0; j < cols; j++) {
		s1[j] += dy[j];
		s2[j] += dy[j] * (x[j] - mean[j]);
	}
}

VERSIONS void udml_combine_rows(float *dx, const float *dy, const float *x, const float *a, const float *b, const float *o,
		long rows, long cols) {
	for (long i = 0; i < rows; i++, dx += cols, dy += cols, x += cols)
		SAME_OR_APART
		for (long j = 0; j < cols; j++) dx[j] = a[j] * dy[j] + (b[j] * x[j] + o[j]);
}
