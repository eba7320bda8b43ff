// Loops over float32 that the C compiler vectorises. vector.go documents them.
#ifndef UDML_VECTOR_H
#define UDML_VECTOR_H

struct udml_windows {
	int width, channels, count, kernel, stride, pad, row, top, bottom;
};

void udml_bias_floor(float *y, const float *b, long rows, long cols, float floor);
void udml_add_rows(float *sum, const float *x, long rows, long cols);
void udml_max_line(float *y, unsigned char *at, const float *image, struct udml_windows w);

#endif
