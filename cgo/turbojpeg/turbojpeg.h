// One JPEG file decoded by libjpeg-turbo's TurboJPEG interface. turbojpeg.go documents it.
#ifndef UDML_TURBOJPEG_H
#define UDML_TURBOJPEG_H

// The name of a function that the library lacks, or NULL: then the functions below may be called.
const char *udml_turbojpeg_bind(void *library);

// The file that the library was loaded from, NULL where the loader does not know.
const char *udml_turbojpeg_file(void);

// 0 when pix holds width x height pixels, of one byte where grey is set and of four else, and the library had nothing
// to say; else why, which holds room bytes, says why not, and pix holds anything.
int udml_turbojpeg_decode(const unsigned char *file, unsigned long bytes, unsigned char *pix, int width, int height, int grey,
	char *why, int room);

#endif
