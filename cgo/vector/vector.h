// Loops that the C compiler vectorises. The Go file beside each C file documents them.
#ifndef UDML_VECTOR_H
#define UDML_VECTOR_H

struct udml_windows {
	int width, channels, count, kernel, stride, pad, row, top, bottom;
};

void udml_bias_floor(float *y, const float *b, long rows, long cols, float floor);
void udml_add_rows(float *sum, const float *x, long rows, long cols);
void udml_max_line(float *y, unsigned char *at, const float *image, struct udml_windows w);
void udml_mask(float *dy, const float *y, long count);

void udml_affine_rows(float *y, const float *x, const float *mean, const float *scale, const float *beta,
	long rows, long cols, float floor);
void udml_gate_rows(float *dy, const float *x, const float *mean, const float *scale, const float *beta, long rows, long cols);
void udml_moments(float *s1, float *s2, const float *origin, const float *x, long rows, long cols);
void udml_gradient_sums(float *s1, float *s2, const float *dy, const float *x, const float *mean, long rows, long cols);
void udml_combine_rows(float *dx, const float *dy, const float *x, const float *a, const float *b, const float *o,
	long rows, long cols);

void udml_layer_moments(float *mean, float *variance, const float *x, long rows, long cols);
void udml_layer_affine(float *y, const float *x, const float *gamma, const float *beta, const float *mean, const float *inv,
	long rows, long cols);
void udml_layer_input(float *dx, const float *dy, const float *x, const float *gamma, const float *mean, const float *inv,
	long rows, long cols);
void udml_layer_sums(float *dgamma, float *dbeta, const float *dy, const float *x, const float *mean, const float *inv,
	long rows, long cols);

enum { UDML_GELU_ERF, UDML_GELU_TANH, UDML_GELU_QUICK };

void udml_gelu(float *y, const float *x, long count, int kind);
void udml_gelu_backward(float *dx, const float *dy, const float *x, long count, int kind);
void udml_swiglu(float *y, const float *gate, const float *up, long count);
void udml_swiglu_backward(float *dgate, float *dup, const float *dy, const float *gate, const float *up, long count);
void udml_relu6(float *y, const float *x, long count);
void udml_relu6_backward(float *dx, const float *dy, const float *y, long count);

void udml_scale_row(float *out, const float *products, const float *ys, float x, long count);
int udml_squared_l2_row(float *out, const float *products, const float *ys, float xx, float sign, float part, long count);
void udml_from_half(float *out, const unsigned short *in, long count);
void udml_any_above(unsigned char *any, const float *block, long rows, long ld, long cols, const float *bar);

struct udml_resize {
	long rows, stride; // stride: bytes from one row of the source to the next
	int size, channels, colour, bits;
};

void udml_resize_rows(unsigned char *dst, const unsigned char *src, struct udml_resize r,
	const int *start, const int *offset, const int *weights);
void udml_resize_columns(unsigned char *dst, const unsigned char *src, struct udml_resize r,
	const int *start, const int *offset, const int *weights);

struct udml_taps {
	int channels, count, start, step, width, rows, cols, add;
	long y_step, x_row, w_row, w_col;
};

void udml_depthwise_line(float *y, const float *x, const float *w, const float *bias, struct udml_taps t);
void udml_depthwise_weights(float *dw, const float *dy, const float *x, struct udml_taps t);

#endif
