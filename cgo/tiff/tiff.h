// One TIFF file read by libtiff. tiff.go documents it.
#ifndef UDML_TIFF_H
#define UDML_TIFF_H

#include <stdint.h>

// The layout of a file's first image, as the library reads it.
struct udml_tiff_shape {
	uint32_t width, height;
	uint32_t across, down; // pixels of a tile, or the rows of a strip
	uint16_t bits, samples, planar, tiled;
	int64_t chunk, row; // bytes of a strip or a tile, and of its row, once decoded
};

// The name of a function that the library lacks, or NULL: then the functions below may be called.
const char *udml_tiff_bind(void *library);

// The library's own text about its version.
const char *udml_tiff_version(void);

// Whether the library can decode files of this compression.
int udml_tiff_has(uint16_t compression);

// An open file, NULL where the library does not take it; then why, which holds room bytes, says why not. The bytes must stay
// where they are until udml_tiff_close. No single piece of memory of more than limit bytes is taken (by library 4.5 and later).
struct udml_tiff;
struct udml_tiff *udml_tiff_open(const unsigned char *file, int64_t bytes, int64_t limit, int to_rgb,
	struct udml_tiff_shape *shape, char *why, int room);

// 0 when dst holds the decoded strip or tile of that number, which has at most bytes bytes; else why says why not.
int udml_tiff_chunk(struct udml_tiff *t, uint32_t number, unsigned char *dst, int64_t bytes, char *why, int room);

// 0 when dst holds width x height pixels of four bytes, red, green, blue and alpha, the first row first.
int udml_tiff_rgba(struct udml_tiff *t, uint32_t width, uint32_t height, unsigned char *dst, char *why, int room);

void udml_tiff_close(struct udml_tiff *t);

#endif
