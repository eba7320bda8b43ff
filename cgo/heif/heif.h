// The primary image of a HEIC or AVIF file read by libheif. heif.go documents it.
#ifndef UDML_HEIF_H
#define UDML_HEIF_H

#include <stdint.h>

// A plane of a decoded image: rows of width samples, each of one byte, or of two in the machine's order where bits is above 8.
struct udml_heif_plane {
	const uint8_t *pixels; // NULL: there is no such plane
	int32_t stride, width, height, bits;
};

// A decoded image: luma and chroma, or red, green and blue side by side in the first plane.
struct udml_heif_picture {
	int32_t warnings;                // of the decoder
	int32_t described, matrix, full; // the meaning of luma and chroma; the library's default where nothing describes it
	struct udml_heif_plane planes[3];
};

// The name of a function that the library lacks, or NULL: then the functions below may be called.
const char *udml_heif_bind(void *library);

void udml_heif_version(int *major, int *minor, int *patch);

// Whether the library can decode: 1 for HEVC, 4 for AV1.
int udml_heif_has(int codec);

// An open file, NULL where the library does not take it; then why, which holds room bytes, says why not. The bytes must stay
// where they are until udml_heif_close.
struct udml_heif;
struct udml_heif *udml_heif_open(const void *file, uint64_t bytes, int32_t *width, int32_t *height, char *why, int room);

// 0 when the picture is decoded; its planes live until udml_heif_close. chroma is the library's number: 0 for luma alone, 1 to 3 for
// luma and chroma of a sampling (4:2:0, 4:2:2, 4:4:4), 10 for red, green and blue of 8 bits, which the library converts to.
int udml_heif_decode(struct udml_heif *h, int chroma, struct udml_heif_picture *picture, char *why, int room);

void udml_heif_close(struct udml_heif *h);

#endif
