// Numbers in IEEE 754 binary16. half.go documents the function.
#include "vector.h"
#include "versions.h"

#include <string.h>

VERSIONS void udml_from_half(float *restrict out, const unsigned short *restrict in, long count) {
	for (long i = 0; i < count; i++) {
		unsigned h = in[i], exponent = h & 0x7c00, shifted = (h & 0x7fff) << 13;
		// A subnormal is put behind 2^-14, which is then taken off: no subnormal float32 is computed with.
		unsigned small = shifted + (113u << 23), normal = shifted + (exponent == 0x7c00 ? 224u << 23 : 112u << 23);
		float value;
		memcpy(&value, &small, sizeof value);
		value -= 0x1p-14f;
		memcpy(&small, &value, sizeof small);
		unsigned bits = (exponent ? normal : small) | (h & 0x8000) << 16;
		memcpy(out + i, &bits, sizeof bits);
	}
}
