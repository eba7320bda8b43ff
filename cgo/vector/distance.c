// The loops that turn dot products into distances. distance.go documents the functions.
#include "vector.h"
#include "versions.h"

VERSIONS void udml_scale_row(float *out, const float *products, const float *ys, float x, long count) {
	SAME_OR_APART
	for (long j = 0; j < count; j++) out[j] = products[j] * (x * ys[j]);
}

VERSIONS int udml_squared_l2_row(float *out, const float *products, const float *ys, float xx, float sign, float part, long count) {
	int cancelled = 0;
	SAME_OR_APART
	for (long j = 0; j < count; j++) {
		float t = xx + ys[j], v = products[j] + t;
		out[j] = v;
		cancelled |= !(sign * (v - t * part) >= 0);
	}
	return cancelled;
}

VERSIONS void udml_any_above(unsigned char *any, const float *block, long rows, long ld, long cols, const float *bar) {
	for (long i = 0; i < rows; i++) {
		const float *row = block + i * ld;
		float limit = bar[i];
		int above = 0;
		for (long j = 0; j < cols; j++) above |= row[j] > limit;
		any[i] = above;
	}
}
