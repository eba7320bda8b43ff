// The rotation of queries and keys by tables of angles. rotate.go documents the function.
#include "rotate.h"
#include "versions.h"

#include <string.h>

VERSIONS void udml_rotate_rows(float *y, const float *x, const float *cosines, const float *sines, long rows, long half, long heads,
		float sign) {
	long width = 2 * half * heads;
	for (long i = 0; i < rows; i++, y += 3 * width, x += 3 * width, cosines += half, sines += half) {
		for (long h = 0; h < 2 * width; h += 2 * half) {
			SAME_OR_APART
			for (long j = 0; j < half; j++) {
				float a = x[h + j], b = x[h + half + j], c = cosines[j], s = sign * sines[j];
				y[h + j] = a * c - b * s;
				y[h + half + j] = b * c + a * s;
			}
		}
		if (y != x) memcpy(y + 2 * width, x + 2 * width, width * sizeof *y);
	}
}
