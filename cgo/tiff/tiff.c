// libtiff by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
#define _GNU_SOURCE
#include "tiff.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *tif; // an open file is a pointer to what only the library knows
typedef int64_t (*mover)(void *self, void *buffer, int64_t bytes);
typedef uint64_t (*seeker)(void *self, uint64_t offset, int whence);
typedef int (*closer)(void *self);
typedef uint64_t (*sizer)(void *self);
typedef int (*mapper)(void *self, void **base, uint64_t *bytes);
typedef void (*unmapper)(void *self, void *base, uint64_t bytes);
typedef void (*teller)(void *self, const char *module, const char *format, va_list values);
typedef int (*listener)(tif t, void *self, const char *module, const char *format, va_list values);

// X(result, name, parameters) for each function that all releases have.
#define FUNCTIONS(X) \
	X(const char *, GetVersion, (void)) \
	X(int, IsCODECConfigured, (uint16_t compression)) \
	X(tif, ClientOpen, (const char *name, const char *mode, void *self, mover read, mover write, seeker seek, closer close, sizer size, \
	                    mapper map, unmapper unmap)) \
	X(void, Close, (tif t)) \
	X(int, GetField, (tif t, uint32_t tag, ...)) \
	X(int, GetFieldDefaulted, (tif t, uint32_t tag, ...)) \
	X(int, SetField, (tif t, uint32_t tag, ...)) \
	X(int, IsTiled, (tif t)) \
	X(int64_t, StripSize, (tif t)) \
	X(int64_t, TileSize, (tif t)) \
	X(int64_t, ScanlineSize, (tif t)) \
	X(int64_t, TileRowSize, (tif t)) \
	X(int64_t, ReadEncodedStrip, (tif t, uint32_t strip, void *dst, int64_t bytes)) \
	X(int64_t, ReadEncodedTile, (tif t, uint32_t tile, void *dst, int64_t bytes)) \
	X(int, ReadRGBAImageOriented, (tif t, uint32_t width, uint32_t height, uint32_t *raster, int orientation, int stop)) \
	X(teller, SetErrorHandler, (void *none)) \
	X(teller, SetWarningHandler, (void *none)) \
	X(teller, SetErrorHandlerExt, (teller tell)) \
	X(teller, SetWarningHandlerExt, (teller tell))

// Those of version 4.5 and later, which give each file its own handlers of messages and a limit on memory.
#define OPTIONAL(X) \
	X(void *, OpenOptionsAlloc, (void)) \
	X(void, OpenOptionsFree, (void *options)) \
	X(void, OpenOptionsSetMaxSingleMemAlloc, (void *options, int64_t bytes)) \
	X(void, OpenOptionsSetErrorHandlerExtR, (void *options, listener listen, void *self)) \
	X(void, OpenOptionsSetWarningHandlerExtR, (void *options, listener listen, void *self)) \
	X(tif, ClientOpenExt, (const char *name, const char *mode, void *self, mover read, mover write, seeker seek, closer close, \
	                       sizer size, mapper map, unmapper unmap, void *options))

#define DECLARE(result, name, parameters) static result(*name) parameters;
FUNCTIONS(DECLARE)
OPTIONAL(DECLARE)

enum { WIDTH = 256, HEIGHT = 257, BITS = 258, ORIENTATION = 274, SAMPLES = 277, ROWS = 278, PLANAR = 284 };
enum { TILE_WIDTH = 322, TILE_HEIGHT = 323 };
enum { JPEG_COLOUR_MODE = 65538, JPEG_TO_RGB = 1, TOP_LEFT = 1 };

struct udml_tiff {
	tif handle;
	const unsigned char *file;
	uint64_t bytes, at;
	char why[200]; // the first message
};

static void note(struct udml_tiff *t, const char *format, va_list values) {
	if (t && !t->why[0]) vsnprintf(t->why, sizeof t->why, format, values);
}

static void tell(void *self, const char *module, const char *format, va_list values) {
	(void)module;
	note(self, format, values);
}

static int listen(tif handle, void *self, const char *module, const char *format, va_list values) {
	(void)handle, (void)module;
	note(self, format, values);
	return 1;
}

static int pass_over(tif handle, void *self, const char *module, const char *format, va_list values) {
	(void)handle, (void)self, (void)module, (void)format, (void)values;
	return 1;
}

const char *udml_tiff_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(name = (result(*) parameters)dlsym(library, "TIFF" #name))) return "TIFF" #name;
	FUNCTIONS(BIND)
#define TRY(result, name, parameters) name = (result(*) parameters)dlsym(library, "TIFF" #name);
	OPTIONAL(TRY)
	// For the whole process, once, before any file is opened: nothing is printed, and with older versions each file gets its own messages.
	SetErrorHandler(NULL);
	SetWarningHandler(NULL);
	SetWarningHandlerExt(NULL);
	SetErrorHandlerExt(ClientOpenExt ? NULL : tell);
	return NULL;
}

const char *udml_tiff_version(void) { return GetVersion(); }

int udml_tiff_has(uint16_t compression) { return IsCODECConfigured(compression); }

static int64_t read_memory(void *self, void *buffer, int64_t bytes) {
	struct udml_tiff *t = self;
	if (bytes <= 0 || t->at >= t->bytes) return 0;
	if ((uint64_t)bytes > t->bytes - t->at) bytes = t->bytes - t->at;
	memcpy(buffer, t->file + t->at, bytes);
	t->at += bytes;
	return bytes;
}

static int64_t write_nothing(void *self, void *buffer, int64_t bytes) {
	(void)self, (void)buffer, (void)bytes;
	return 0;
}

static uint64_t seek_memory(void *self, uint64_t offset, int whence) {
	struct udml_tiff *t = self;
	t->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? t->at + offset : t->bytes + offset;
	return t->at;
}

static int close_memory(void *self) { return (void)self, 0; }

static uint64_t size_memory(void *self) { return ((struct udml_tiff *)self)->bytes; }

static int map_memory(void *self, void **base, uint64_t *bytes) {
	struct udml_tiff *t = self;
	*base = (void *)t->file; // for reading: a file opened with "r" is never written to
	*bytes = t->bytes;
	return 1;
}

static void unmap_memory(void *self, void *base, uint64_t bytes) { (void)self, (void)base, (void)bytes; }

// C: strips are as the file has them, not cut into smaller ones.
static const char mode[] = "rC";

static tif open_limited(struct udml_tiff *t, int64_t limit) {
	if (!ClientOpenExt || !OpenOptionsAlloc || !OpenOptionsFree || !OpenOptionsSetErrorHandlerExtR || !OpenOptionsSetWarningHandlerExtR)
		return ClientOpen("", mode, t, read_memory, write_nothing, seek_memory, close_memory, size_memory, map_memory, unmap_memory);
	void *options = OpenOptionsAlloc();
	if (!options) return NULL;
	if (OpenOptionsSetMaxSingleMemAlloc) OpenOptionsSetMaxSingleMemAlloc(options, limit);
	OpenOptionsSetErrorHandlerExtR(options, listen, t);
	OpenOptionsSetWarningHandlerExtR(options, pass_over, t);
	tif handle = ClientOpenExt("", mode, t, read_memory, write_nothing, seek_memory, close_memory, size_memory, map_memory, unmap_memory,
		options);
	OpenOptionsFree(options);
	return handle;
}

static void measure(tif t, struct udml_tiff_shape *s) {
	memset(s, 0, sizeof *s);
	GetField(t, WIDTH, &s->width);
	GetField(t, HEIGHT, &s->height);
	GetFieldDefaulted(t, BITS, &s->bits);
	GetFieldDefaulted(t, SAMPLES, &s->samples);
	GetFieldDefaulted(t, PLANAR, &s->planar);
	s->tiled = IsTiled(t) != 0;
	if (s->tiled) {
		GetField(t, TILE_WIDTH, &s->across);
		GetField(t, TILE_HEIGHT, &s->down);
	} else {
		s->across = s->width;
		GetFieldDefaulted(t, ROWS, &s->down);
	}
	s->chunk = s->tiled ? TileSize(t) : StripSize(t);
	s->row = s->tiled ? TileRowSize(t) : ScanlineSize(t);
}

struct udml_tiff *udml_tiff_open(const unsigned char *file, int64_t bytes, int64_t limit, int to_rgb,
		struct udml_tiff_shape *shape, char *why, int room) {
	struct udml_tiff *t = calloc(1, sizeof *t);
	if (!t) {
		snprintf(why, room, "no memory");
		return NULL;
	}
	t->file = file;
	t->bytes = bytes;
	t->handle = open_limited(t, limit);
	if (!t->handle) {
		snprintf(why, room, "%s", t->why[0] ? t->why : "the file cannot be opened");
		free(t);
		return NULL;
	}
	if (to_rgb) SetField(t->handle, JPEG_COLOUR_MODE, JPEG_TO_RGB);
	measure(t->handle, shape);
	t->why[0] = 0;
	return t;
}

// failed copies the library's message, and clears it.
static int failed(struct udml_tiff *t, char *why, int room) {
	snprintf(why, room, "%s", t->why[0] ? t->why : "the pixels cannot be decoded");
	t->why[0] = 0;
	return 1;
}

int udml_tiff_chunk(struct udml_tiff *t, uint32_t number, unsigned char *dst, int64_t bytes, char *why, int room) {
	t->why[0] = 0;
	int64_t got = IsTiled(t->handle) ? ReadEncodedTile(t->handle, number, dst, bytes) : ReadEncodedStrip(t->handle, number, dst, bytes);
	return got < 0 ? failed(t, why, room) : 0;
}

int udml_tiff_rgba(struct udml_tiff *t, uint32_t width, uint32_t height, unsigned char *dst, char *why, int room) {
	t->why[0] = 0;
	SetField(t->handle, ORIENTATION, TOP_LEFT); // turning is left to the caller
	if (!ReadRGBAImageOriented(t->handle, width, height, (uint32_t *)dst, TOP_LEFT, 1)) return failed(t, why, room);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (uint64_t i = 0; i < (uint64_t)width * height; i++) ((uint32_t *)dst)[i] = __builtin_bswap32(((uint32_t *)dst)[i]);
#endif
	return 0;
}

void udml_tiff_close(struct udml_tiff *t) {
	Close(t->handle);
	free(t);
}
