// TurboJPEG by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
// Functions of versions 2 and 3 alone are used.
#define _GNU_SOURCE // dladdr
#include "turbojpeg.h"

#include <dlfcn.h>
#include <stdio.h>

typedef void *tj; // a decoder is a pointer to what only the library knows

// X(result, name, parameters) for each function used.
#define FUNCTIONS(X) \
	X(tj, InitDecompress, (void)) \
	X(int, Destroy, (tj handle)) \
	X(int, DecompressHeader3, (tj handle, const unsigned char *file, unsigned long bytes, int *width, int *height, int *sampling, int *colours)) \
	X(int, Decompress2, (tj handle, const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int stride, int height, \
	                     int format, int flags)) \
	X(char *, GetErrorStr2, (tj handle))

#define DECLARE(result, name, parameters) static result(*name) parameters;
FUNCTIONS(DECLARE)

enum { COLOURS_RGB = 0, COLOURS_YCBCR = 1, COLOURS_GREY = 2 };
enum { PIXELS_GREY = 6, PIXELS_RGBA = 7 };
enum { ACCURATE_DCT = 4096, STOP_ON_WARNING = 8192, LIMIT_SCANS = 32768 }; // the last one from version 2.1 on; older ones pass over it

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

// Whether the library reads the same in the header as the caller, who has made room for it.
static int as_expected(int w, int h, int colours, int width, int height, int grey) {
	if (w != width || h != height) return 0;
	return grey ? colours == COLOURS_GREY : colours == COLOURS_YCBCR || colours == COLOURS_RGB;
}

int udml_turbojpeg_decode(const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int height, int grey,
		char *why, int room) {
	int w, h, sampling, colours, failed = 1;
	tj decoder = InitDecompress();
	if (!decoder) {
		snprintf(why, room, "no decoder");
		return 1;
	}
	if (DecompressHeader3(decoder, file, bytes, &w, &h, &sampling, &colours) != 0)
		snprintf(why, room, "%s", GetErrorStr2(decoder));
	else if (!as_expected(w, h, colours, width, height, grey))
		snprintf(why, room, "%dx%d pixels in colours of kind %d", w, h, colours);
	else if (Decompress2(decoder, file, bytes, pix, width, width * (grey ? 1 : 4), height, grey ? PIXELS_GREY : PIXELS_RGBA,
				ACCURATE_DCT | STOP_ON_WARNING | LIMIT_SCANS) != 0)
		snprintf(why, room, "%s", GetErrorStr2(decoder));
	else
		failed = 0;
	Destroy(decoder);
	return failed;
}
