// Activations with an exponential, computed without a library so that each vector unit, and Go, gets the same bits. activation.go
// documents the functions and their errors; kernels/act/exp_cpu.go is the same text in Go.
#include "vector.h"
#include "versions.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE float least(float a, float b) { return b < a ? b : a; } // NaN of a is kept

// x within [-100, 100], where each activation here has reached its limit: no product below is then infinity times 0.
INLINE float within(float x) { return x > 100 ? 100 : x < -100 ? -100 : x; }

// e^-t for t from 0 to 88: 2^n e^r with a whole n and |r| <= log(2)/2. A remainder of at most 2^-24 of the polynomial's fit to e^r
// is below the rounding of its evaluation. Below the smallest normal number it may be 0.
INLINE float exp_minus(float t) {
	const float whole = 12582912; // 1.5 2^23: adding it rounds to a whole number, which the last bits then hold
	float shifted = t * -1.44269502f + whole, n = shifted - whole;
	float r = (n * -0.693359375f - t) - n * -2.12194442e-4f; // log(2) in two parts: the first product is exact
	float p = 8.36874545e-3f + r * 1.38145394e-3f;
	p = 4.16683890e-2f + r * p;
	p = 1.66665211e-1f + r * p;
	p = 4.99999940e-1f + r * p;
	unsigned bits;
	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits << 23) + 0x3f800000u; // the exponent n; 0 for n = -127
	float power;
	memcpy(&power, &bits, sizeof power);
	return (1 + (r + r * r * p)) * power;
}

// A sigmoid of a, and its derivative.
struct gate {
	float value, slope;
};

INLINE struct gate sigmoid(float a) {
	float e = exp_minus(least(__builtin_fabsf(a), 88)), part = 1 / (1 + e), rest = e * part;
	return (struct gate){a > 0 ? part : rest, part * rest};
}

// The normal distribution below x, and its density: for t = |x| the part beyond t is e^(-t^2/2) times a quotient of polynomials
// without a negative coefficient, whose evaluation cancels nothing.
INLINE struct gate normal(float x) {
	float t = least(__builtin_fabsf(x), 13.25f), e = exp_minus(0.5f * t * t);
	float p = 3.99551988e-2f + t * 4.01591742e-3f, q = 1.00160256e-1f + t * 1.00662680e-2f;
	p = 1.81220472e-1f + t * p, q = 4.64152575e-1f + t * q;
	p = 4.35569197e-1f + t * p, q = 1.19412470f + t * q;
	p = 0.5f + t * p, q = 1.66902328f + t * q;
	float beyond = e * (p / (1 + t * q));
	return (struct gate){x > 0 ? 1 - beyond : beyond, 0.398942280f * e};
}

// The factor of x in each kind of GELU, and its derivative with respect to x.
INLINE struct gate gelu_gate(float x, int kind) {
	float v = within(x);
	if (kind == UDML_GELU_ERF) return normal(x);
	struct gate g = sigmoid(kind == UDML_GELU_TANH ? v * (1.59576912f + 0.0713548163f * v * v) : 1.702f * v);
	g.slope *= kind == UDML_GELU_TANH ? 1.59576912f + 0.214064449f * v * v : 1.702f;
	return g;
}

INLINE void gelu(float *y, const float *x, long count, int kind) {
	SAME_OR_APART
	for (long i = 0; i < count; i++) y[i] = x[i] * gelu_gate(x[i], kind).value;
}

INLINE void gelu_backward(float *dx, const float *dy, const float *x, long count, int kind) {
	SAME_OR_APART
	for (long i = 0; i < count; i++) {
		struct gate g = gelu_gate(x[i], kind);
		dx[i] = dy[i] * (g.value + within(x[i]) * g.slope);
	}
}

VERSIONS void udml_gelu(float *y, const float *x, long count, int kind) {
	switch (kind) {
	case UDML_GELU_ERF: gelu(y, x, count, UDML_GELU_ERF); break;
	case UDML_GELU_TANH: gelu(y, x, count, UDML_GELU_TANH); break;
	default: gelu(y, x, count, UDML_GELU_QUICK);
	}
}

VERSIONS void udml_gelu_backward(float *dx, const float *dy, const float *x, long count, int kind) {
	switch (kind) {
	case UDML_GELU_ERF: gelu_backward(dx, dy, x, count, UDML_GELU_ERF); break;
	case UDML_GELU_TANH: gelu_backward(dx, dy, x, count, UDML_GELU_TANH); break;
	default: gelu_backward(dx, dy, x, count, UDML_GELU_QUICK);
	}
}

VERSIONS void udml_swiglu(float *y, const float *gate, const float *up, long count) {
	SAME_OR_APART
	for (long i = 0; i < count; i++) y[i] = gate[i] * sigmoid(gate[i]).value * up[i];
}

VERSIONS void udml_swiglu_backward(float *dgate, float *dup, const float *dy, const float *gate, const float *up, long count) {
	SAME_OR_APART
	for (long i = 0; i < count; i++) {
		float v = gate[i], d = dy[i], straight = d * up[i];
		struct gate g = sigmoid(v);
		dgate[i] = straight * (g.value + within(v) * g.slope);
		dup[i] = d * (v * g.value);
	}
}

VERSIONS void udml_relu6(float *y, const float *x, long count) {
	SAME_OR_APART
	for (long i = 0; i < count; i++) {
		float v = x[i] > 6 ? 6 : x[i];
		y[i] = v <= 0 ? 0 : v;
	}
}

VERSIONS void udml_relu6_backward(float *dx, const float *dy, const float *y, long count) {
	SAME_OR_APART
	for (long i = 0; i < count; i++) {
		float g = dy[i];
		dx[i] = (y[i] <= 0) | (y[i] >= 6) ? 0 : g;
	}
}
