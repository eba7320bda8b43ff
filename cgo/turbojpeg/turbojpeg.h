// One JPEG file decoded by libjpeg-turbo's TurboJPEG interface. turbojpeg.go documents it.
#ifndef UDML_TURBOJPEG_H
#define UDML_TURBOJPEG_H

// The name of a function that the library lacks, or NULL: then the functions below may be called.
const char *udml_turbojpeg_bind(void *library);

// The file that the library was loaded from, NULL where the loader does not know.
const char *udml_turbojpeg_file(void);

// The formats of pixels, by the library's numbers: of one byte, and of four.
enum { UDML_TURBOJPEG_GREY = 6, UDML_TURBOJPEG_RGBA = 7, UDML_TURBOJPEG_CMYK = 11 };

// The results of decoding a file: all of its pixels; the pixels that libjpeg makes of a damaged file; none.
enum { UDML_TURBOJPEG_DONE = 0, UDML_TURBOJPEG_WARNED = 1, UDML_TURBOJPEG_FAILED = 2 };

// Fills pix with width x height pixels of the format. why, which holds room bytes, gets the library's message if there
// is one; on failure the content of pix is undefined. With strict set a warning is a failure, and so are sampling factors without a name.
int udml_turbojpeg_decode(const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int height,
	int format, int strict, char *why, int room);

#endif
