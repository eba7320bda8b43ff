// libheif by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
#define _GNU_SOURCE
#include "heif.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The result that the library returns by value.
typedef struct {
	int code, detail;
	const char *message;
} status;

// The beginning of the options, which later versions add to at the end.
typedef struct {
	uint8_t version, keep_as_stored;
	void *progress[4];
	uint8_t to_8_bits; // version 2
	uint8_t strict;    // version 3
} options;

// The beginning of a description of colours (ISO 23091-2).
typedef struct {
	uint8_t version;
	int primaries, transfer, matrix;
	uint8_t full;
} profile;

// X(result, name, parameters) for each function that all releases from 1.9 on have.
#define FUNCTIONS(X) \
	X(int, get_version_number_major, (void)) \
	X(int, get_version_number_minor, (void)) \
	X(int, get_version_number_maintenance, (void)) \
	X(int, have_decoder_for_format, (int codec)) \
	X(void *, context_alloc, (void)) \
	X(void, context_free, (void *context)) \
	X(status, context_read_from_memory_without_copy, (void *context, const void *file, size_t bytes, const void *none)) \
	X(status, context_get_primary_image_handle, (void *context, void **handle)) \
	X(void, image_handle_release, (const void *handle)) \
	X(int, image_handle_get_width, (const void *handle)) \
	X(int, image_handle_get_height, (const void *handle)) \
	X(options *, decoding_options_alloc, (void)) \
	X(void, decoding_options_free, (options *o)) \
	X(status, decode_image, (const void *handle, void **image, int colours, int chroma, const options *o)) \
	X(int, image_get_width, (const void *image, int channel)) \
	X(int, image_get_height, (const void *image, int channel)) \
	X(int, image_get_bits_per_pixel_range, (const void *image, int channel)) \
	X(int, image_has_channel, (const void *image, int channel)) \
	X(const uint8_t *, image_get_plane_readonly, (const void *image, int channel, int *stride)) \
	X(status, image_get_nclx_color_profile, (const void *image, profile **out)) \
	X(void, nclx_color_profile_free, (profile *p)) \
	X(void, image_release, (const void *image))

// Those of later versions: they load plugins, keep the work on the calling thread, and report faults that the decoder passed over.
#define OPTIONAL(X) \
	X(status, init, (void *none)) \
	X(void, context_set_max_decoding_threads, (void *context, int threads)) \
	X(int, image_get_decoding_warnings, (void *image, int from, status *list, int room))

#define DECLARE(result, name, parameters) static result(*name) parameters;
FUNCTIONS(DECLARE)
OPTIONAL(DECLARE)

enum { YCBCR = 0, RGB = 1, GREY = 2 };    // colours
enum { NO_CHROMA = 0, RGB_TOGETHER = 10 }; // and their layout; between them, chroma of three samplings

struct udml_heif {
	void *context, *handle, *image;
};

const char *udml_heif_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(name = (result(*) parameters)dlsym(library, "heif_" #name))) return "heif_" #name;
	FUNCTIONS(BIND)
#define TRY(result, name, parameters) name = (result(*) parameters)dlsym(library, "heif_" #name);
	OPTIONAL(TRY)
	if (init) init(NULL);
	return NULL;
}

void udml_heif_version(int *major, int *minor, int *patch) {
	*major = get_version_number_major();
	*minor = get_version_number_minor();
	*patch = get_version_number_maintenance();
}

int udml_heif_has(int codec) { return have_decoder_for_format(codec); }

// failed reports an error, if there was one.
static int failed(status s, char *why, int room) {
	if (s.code == 0) return 0;
	snprintf(why, room, "%s", s.message ? s.message : "unknown error");
	return 1;
}

struct udml_heif *udml_heif_open(const void *file, uint64_t bytes, int32_t *width, int32_t *height, char *why, int room) {
	struct udml_heif *h = calloc(1, sizeof *h);
	if (!h || !(h->context = context_alloc())) {
		snprintf(why, room, "no memory");
		free(h);
		return NULL;
	}
	if (context_set_max_decoding_threads) context_set_max_decoding_threads(h->context, 0);
	if (failed(context_read_from_memory_without_copy(h->context, file, bytes, NULL), why, room) ||
			failed(context_get_primary_image_handle(h->context, &h->handle), why, room)) {
		udml_heif_close(h);
		return NULL;
	}
	*width = image_handle_get_width(h->handle);
	*height = image_handle_get_height(h->handle);
	return h;
}

static void take_plane(const void *image, int channel, struct udml_heif_plane *p) {
	int stride = 0;
	if (!image_has_channel(image, channel) || !(p->pixels = image_get_plane_readonly(image, channel, &stride))) return;
	p->stride = stride;
	p->width = image_get_width(image, channel);
	p->height = image_get_height(image, channel);
	p->bits = image_get_bits_per_pixel_range(image, channel);
}

// describe reads the meaning of the image's luma and chroma.
static void describe(const void *image, struct udml_heif_picture *p) {
	profile *found = NULL;
	status s = image_get_nclx_color_profile(image, &found);
	if (s.code == 0 && found) {
		p->described = 1;
		p->matrix = found->matrix;
		p->full = found->full;
	}
	if (found) nclx_color_profile_free(found);
}

int udml_heif_decode(struct udml_heif *h, int chroma, struct udml_heif_picture *p, char *why, int room) {
	memset(p, 0, sizeof *p);
	options *o = decoding_options_alloc();
	if (o && o->version >= 2) o->to_8_bits = chroma == RGB_TOGETHER;
	if (o && o->version >= 3) o->strict = 1;
	status s = decode_image(h->handle, &h->image, chroma == RGB_TOGETHER ? RGB : chroma == NO_CHROMA ? GREY : YCBCR, chroma, o);
	if (o) decoding_options_free(o);
	if (failed(s, why, room)) return 1;
	if (image_get_decoding_warnings) p->warnings = image_get_decoding_warnings(h->image, 0, NULL, 0);
	describe(h->image, p);
	if (chroma == RGB_TOGETHER) {
		take_plane(h->image, RGB_TOGETHER, &p->planes[0]);
	} else {
		for (int i = 0; i < 3; i++) take_plane(h->image, i, &p->planes[i]);
	}
	return 0;
}

void udml_heif_close(struct udml_heif *h) {
	if (h->image) image_release(h->image);
	if (h->handle) image_handle_release(h->handle);
	context_free(h->context);
	free(h);
}
