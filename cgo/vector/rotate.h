// The loop of rotary positions. rotate.go documents it.
#ifndef UDML_ROTATE_H
#define UDML_ROTATE_H

void udml_rotate_rows(float *y, const float *x, const float *cosines, const float *sines, long rows, long half, long heads, float sign);

#endif
