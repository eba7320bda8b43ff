// TurboJPEG by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
// Functions of versions 2 and 3 alone are used.
#define _GNU_SOURCE // dladdr
#include "turbojpeg.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef void *tj; // a decoder is a pointer to what only the library knows

// X(result, name, parameters) for each function used.
#define FUNCTIONS(X) \
	X(tj, InitDecompress, (void)) \
	X(int, Destroy, (tj handle)) \
	X(int, DecompressHeader3, (tj handle, const unsigned char *file, unsigned long bytes, int *width, int *height, \
		int *sampling, int *colours)) \
	X(int, Decompress2, (tj handle, const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int stride, int height, \
	                     int format, int flags)) \
	X(char *, GetErrorStr2, (tj handle)) \
	X(int, GetErrorCode, (tj handle))

#define DECLARE(result, name, parameters) static result(*name) parameters;
FUNCTIONS(DECLARE)

enum { COLOURS_RGB = 0, COLOURS_YCBCR = 1, COLOURS_GREY = 2, COLOURS_CMYK = 3, COLOURS_YCCK = 4 };
enum { ACCURATE_DCT = 4096, STOP_ON_WARNING = 8192, LIMIT_SCANS = 32768 }; // the last one: from version 2.1 on; older versions ignore it

const char *udml_turbojpeg_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(name = (result(*) parameters)dlsym(library, "tj" #name))) return "tj" #name;
	FUNCTIONS(BIND)
	return NULL;
}

const char *udml_turbojpeg_file(void) {
	Dl_info at;
	return dladdr((void *)InitDecompress, &at) ? at.dli_fname : NULL;
}

// Whether the library reads the same size in the header as the caller, which has allocated the pixels.
static int as_expected(int w, int h, int colours, int width, int height, int format) {
	if (w != width || h != height) return 0;
	switch (format) {
	case UDML_TURBOJPEG_GREY: return colours == COLOURS_GREY;
	case UDML_TURBOJPEG_RGBA: return colours == COLOURS_YCBCR || colours == COLOURS_RGB;
	case UDML_TURBOJPEG_CMYK: return colours == COLOURS_CMYK || colours == COLOURS_YCCK;
	}
	return 0;
}

// The library counts an error after a warning as a warning too, but keeps the text of what came last: these are the starts
// of its warnings (jerror.h).
static int is_warning(tj decoder, const char *text) {
	static const char *const starts[] = {
		"Corrupt JPEG data", "Inconsistent progression", "Premature end", "Unknown Adobe", "Warning", "Invalid SOS", NULL,
	};
	if (GetErrorCode(decoder) != 0) return 0; // 0: a warning
	for (int i = 0; starts[i]; i++)
		if (!strncmp(text, starts[i], strlen(starts[i]))) return 1;
	return 0;
}

// The header function fails of sampling factors that it has no name for, which the decoder takes. It has set all of its
// results by then, and none of them where the header itself cannot be read.
static int decode(tj decoder, const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int height,
		int format, int strict, char *why, int room) {
	int w = 0, h = 0, sampling = -1, colours = -1;
	int named = DecompressHeader3(decoder, file, bytes, &w, &h, &sampling, &colours) == 0;
	if (!named && (strict || w == 0)) {
		snprintf(why, room, "%s", GetErrorStr2(decoder));
		return UDML_TURBOJPEG_FAILED;
	}
	if (!as_expected(w, h, colours, width, height, format)) {
		snprintf(why, room, "%dx%d pixels in colours of kind %d", w, h, colours);
		return UDML_TURBOJPEG_FAILED;
	}
	int flags = ACCURATE_DCT | LIMIT_SCANS | (strict ? STOP_ON_WARNING : 0);
	if (Decompress2(decoder, file, bytes, pix, width, width * (format == UDML_TURBOJPEG_GREY ? 1 : 4), height, format, flags) == 0)
		return UDML_TURBOJPEG_DONE;
	const char *text = GetErrorStr2(decoder);
	snprintf(why, room, "%s", text);
	return !strict && is_warning(decoder, text) ? UDML_TURBOJPEG_WARNED : UDML_TURBOJPEG_FAILED;
}

int udml_turbojpeg_decode(const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int height,
		int format, int strict, char *why, int room) {
	tj decoder = InitDecompress();
	if (!decoder) {
		snprintf(why, room, "no decoder");
		return UDML_TURBOJPEG_FAILED;
	}
	int outcome = decode(decoder, file, bytes, pix, width, height, format, strict, why, room);
	Destroy(decoder);
	return outcome;
}
