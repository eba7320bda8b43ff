// The loops of depthwise convolution. Elements of a pixel are channels; depthwise.go documents the functions.
#include "vector.h"
#include "versions.h"

// LANES channels at once; the compiler splits them into what the processor has. Loads need no alignment.
enum { LANES = 16, TOGETHER = 4 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

#define AT(p) (*(lanes *)(p))
#define FROM(p) (*(const lanes *)(p))

// The sums of `count` outputs that lie next to each other, the taps of the first of which begin at pixel `at` of the row: each
// weight is loaded once for all of them. Where the row ends before some taps, `whole` is 0. count and whole are constant where this is
// inlined.
static inline __attribute__((always_inline)) void outputs(float *y, const float *x, const float *w, const float *start,
		const struct udml_taps *t, int count, int whole, int at) {
	lanes sum[TOGETHER];
	long pixel = t->channels;
	for (int i = 0; i < count; i++) sum[i] = start ? FROM(start) : (lanes){0};
	for (int p = 0; p < t->rows; p++) {
		const float *xs = x + p * t->x_row + at * pixel, *ws = w + p * t->w_row;
		for (int q = 0; q < t->cols; q++, xs += pixel, ws += t->w_col) {
			lanes weight = FROM(ws);
			for (int i = 0; i < count; i++)
				if (whole || (unsigned)(at + q + i * t->step) < (unsigned)t->width) sum[i] += FROM(xs + i * t->step * pixel) * weight;
		}
	}
	for (int i = 0; i < count; i++) {
		float *to = y + i * t->y_step;
		if (t->add) sum[i] = FROM(to) + sum[i];
		AT(to) = sum[i];
	}
}

// One channel of one output.
static inline void output(float *y, const float *x, const float *w, float sum, const struct udml_taps *t, int lo, int hi) {
	for (int p = 0; p < t->rows; p++)
		for (int q = lo; q < hi; q++) sum += x[p * t->x_row + (long)q * t->channels] * w[p * t->w_row + q * t->w_col];
	*y = t->add ? *y + sum : sum;
}

static inline int lowest(int start) { return start < 0 ? -start : 0; }
static inline int highest(int start, const struct udml_taps *t) {
	return start + t->cols < t->width ? t->cols : t->width - start;
}

VERSIONS void udml_depthwise_line(float *y, const float *x, const float *w, const float *bias, struct udml_taps t) {
	int c = 0;
	for (; c + LANES <= t.channels; c += LANES) {
		const float *start = bias ? bias + c : 0;
		for (int j = 0; j < t.count; j += TOGETHER) {
			int at = t.start + j * t.step, rest = t.count - j;
			float *to = y + j * t.y_step + c;
			if (rest >= TOGETHER && at >= 0 && at + (TOGETHER - 1) * t.step + t.cols <= t.width)
				outputs(to, x + c, w + c, start, &t, TOGETHER, 1, at);
			else if (rest >= TOGETHER) outputs(to, x + c, w + c, start, &t, TOGETHER, 0, at);
			else if (rest == 3) outputs(to, x + c, w + c, start, &t, 3, 0, at);
			else if (rest == 2) outputs(to, x + c, w + c, start, &t, 2, 0, at);
			else outputs(to, x + c, w + c, start, &t, 1, 0, at);
		}
	}
	for (; c < t.channels; c++)
		for (int j = 0; j < t.count; j++) {
			int at = t.start + j * t.step;
			output(y + j * t.y_step + c, x + (long)at * t.channels + c, w + c, bias ? bias[c] : 0, &t, lowest(at), highest(at, &t));
		}
}

// The sums over a line of the products of dy with the pixels under `taps` neighbouring taps of a row, the first of which is
// under pixel `at` of output 0. taps is constant where this is inlined.
static inline __attribute__((always_inline)) void tap_sums(float *dw, const float *dy, const float *x, const struct udml_taps *t,
		int taps, int at) {
	lanes sum[7];
	for (int q = 0; q < taps; q++) sum[q] = (lanes){0};
	for (int j = 0; j < t->count; j++, at += t->step) {
		lanes g = FROM(dy + (long)j * t->channels);
		const float *from = x + (long)at * t->channels;
		if (at >= 0 && at + taps <= t->width) {
			for (int q = 0; q < taps; q++) sum[q] += g * FROM(from + q * (long)t->channels);
		} else {
			for (int q = 0; q < taps; q++)
				if (at + q >= 0 && at + q < t->width) sum[q] += g * FROM(from + q * (long)t->channels);
		}
	}
	for (int q = 0; q < taps; q++) AT(dw + q * (long)t->channels) += sum[q];
}

static inline void tap_sum(float *dw, const float *dy, const float *x, const struct udml_taps *t, int at) {
	float sum = 0;
	for (int j = 0; j < t->count; j++, at += t->step)
		if (at >= 0 && at < t->width) sum += dy[(long)j * t->channels] * x[(long)at * t->channels];
	*dw += sum;
}

VERSIONS void udml_depthwise_weights(float *dw, const float *dy, const float *x, struct udml_taps t) {
	long c = 0;
	for (; c + LANES <= t.channels; c += LANES)
		for (int p = 0; p < t.rows; p++) {
			float *to = dw + p * t.w_row + c;
			const float *row = x + p * t.x_row + c;
			switch (t.cols) {
			case 3: tap_sums(to, dy + c, row, &t, 3, t.start); break;
			case 5: tap_sums(to, dy + c, row, &t, 5, t.start); break;
			case 7: tap_sums(to, dy + c, row, &t, 7, t.start); break;
			default:
				for (int q = 0; q < t.cols; q++) tap_sums(to + q * t.w_col, dy + c, row, &t, 1, t.start + q);
			}
		}
	for (; c < t.channels; c++)
		for (int p = 0; p < t.rows; p++)
			for (int q = 0; q < t.cols; q++)
				tap_sum(dw + p * t.w_row + q * t.w_col + c, dy + c, x + p * t.x_row + c, &t, t.start + q);
}
