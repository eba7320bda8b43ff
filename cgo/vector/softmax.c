// The loops of attention over the logits of its softmax. softmax.go documents the functions.
#include "softmax.h"
#include "versions.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16 // sums that a row is added in

union word {
	float f;
	unsigned u;
};

// exp: x = n ln 2 + r with |r| <= ln 2 / 2, by a shift that leaves n in the last bits of its sum, and a polynomial of r, fitted to the
// least relative error, 4e-9. ln 2 is two numbers, the first of so few bits that its product with n is exact. Below -87, where
// the result would soon be subnormal, it is 0. Error: 1.5 2^-23 of the result. Legal up to 88; NaN is kept.
INLINE float exponential(float x) {
	union word shifted = {x * 1.44269504f + 12582912.0f}, power;
	float n = shifted.f - 12582912.0f;
	float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
	float p = 0.00138145988f;
	p = p * r + 0.00836871658f;
	p = p * r + 0.041668389f;
	p = p * r + 0.166665211f;
	p = p * r + 0.49999994f;
	power.u = (shifted.u + 127u) << 23;
	float y = ((r * r) * p + r + 1.0f) * power.f;
	return x < -87.0f ? 0.0f : y;
}

// Sixteen neighbours in one variable: the compiler does not turn an array of sums into a vector by itself.
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef int choice __attribute__((vector_size(LANES * sizeof(int)), aligned(sizeof(int)), may_alias));

INLINE float sum_row(const float *row, long cols) {
	lanes sum = {0};
	long j = 0;
	for (; j + LANES <= cols; j += LANES) sum += *(const lanes *)(row + j);
	float each[LANES];
	memcpy(each, &sum, sizeof each);
	for (int l = 0; j + l < cols; l++) each[l] += row[j + l];
	for (int step = LANES / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++) each[l] += each[l + step];
	return each[0];
}

// The largest of a row that is not NaN, and of m; in any order, which no bit depends on but the sign of a zero.
INLINE float largest_of(const float *row, long cols, float m) {
	lanes most = {0};
	most += m;
	long j = 0;
	for (; j + LANES <= cols; j += LANES) {
		lanes v = *(const lanes *)(row + j);
		choice larger = v > most;
		most = (lanes)((larger & (choice)v) | (~larger & (choice)most));
	}
	for (; j < cols; j++) m = row[j] > m ? row[j] : m;
	float each[LANES];
	memcpy(each, &most, sizeof each);
	for (int l = 0; l < LANES; l++) m = each[l] > m ? each[l] : m;
	return m;
}

VERSIONS void udml_softmax_rows(float *s, float *largest, float *sum, float *factor, long rows, long cols, long ld) {
	for (long i = 0; i < rows; i++, s += ld) {
		float m = largest_of(s, cols, largest[i]);
		for (long j = 0; j < cols; j++) s[j] = exponential(s[j] - m);
		factor[i] = exponential(largest[i] - m);
		largest[i] = m;
		sum[i] = sum[i] * factor[i] + sum_row(s, cols);
	}
}

VERSIONS void udml_softmax_gradient_rows(float *restrict s, float *restrict ds, const float *lse, const float *delta, float scale,
		long rows, long cols, long ld) {
	for (long i = 0; i < rows; i++, s += ld, ds += ld) {
		float l = lse[i], d = delta[i];
		for (long j = 0; j < cols; j++) {
			float p = exponential(s[j] - l);
			s[j] = p;
			ds[j] = p * (ds[j] - d) * scale;
		}
	}
}

// Squares of 16 x 16 read and write whole cache lines.
VERSIONS void udml_turn(float *restrict out, const float *restrict in, long rows, long cols, long ldo, long ldi) {
	for (long top = 0; top < rows; top += 16)
		for (long left = 0; left < cols; left += 16) {
			long bottom = top + 16 < rows ? top + 16 : rows, right = left + 16 < cols ? left + 16 : cols;
			for (long j = left; j < right; j++)
				for (long i = top; i < bottom; i++) out[j * ldo + i] = in[i * ldi + j];
		}
}
