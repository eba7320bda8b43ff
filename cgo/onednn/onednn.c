// The library, and its convolutions.
#include "calls.h"

#include <dlfcn.h>
#include <string.h>

struct udml_onednn_calls dnnl;

const char *udml_onednn_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(dnnl.name = (result(*) parameters)dlsym(library, "dnnl_" #name))) return "dnnl_" #name;
	FUNCTIONS(BIND)
	dnnl.set_threads = NULL;
	if (dnnl.version()->cpu_threads == UDML_ONEDNN_OPENMP) {
		if (!(dnnl.set_threads = (void (*)(int))dlsym(library, "omp_set_num_threads"))) return "omp_set_num_threads";
	} else if (dnnl.version()->cpu_threads != UDML_ONEDNN_SEQUENTIAL) {
		return "to set its threads, because it is built for neither OpenMP nor a single one";
	}
	return dnnl.engine || dnnl.engine_create(&dnnl.engine, UDML_ONEDNN_CPU, 0) == 0 ? NULL : "an engine for the CPU";
}

void udml_onednn_version(int v[3]) {
	v[0] = dnnl.version()->major, v[1] = dnnl.version()->minor, v[2] = dnnl.version()->patch;
}

int udml_onednn_isa(void) { return dnnl.get_effective_cpu_isa(); }

void udml_onednn_one_thread(void) {
	if (dnnl.set_threads) dnnl.set_threads(1);
}

// Images [n,h,w,c] with the library's order of sizes, n c h w.
static int images(any *d, int n, int c, int h, int w) {
	const dims sizes = {n, c, h, w}, strides = {(int64_t)h * w * c, 1, (int64_t)w * c, c};
	return dnnl.memory_desc_create_with_strides(d, 4, sizes, UDML_ONEDNN_F32, strides);
}

// Weights [o,kh,kw,c/groups], the order of sizes groups, o/groups, c/groups, kh, kw, without groups where there is one: as
// they lie in memory, and in any layout.
static int weights(any *plain, any *own, const udml_onednn_shape *s) {
	const int64_t c = s->c / s->groups, o = s->o / s->groups, patch = s->kh * s->kw * c;
	const dims sizes = {s->groups, o, c, s->kh, s->kw}, strides = {o * patch, patch, 1, s->kw * c, c};
	const int skip = s->groups == 1, n = 5 - skip;
	int status;
	TRY(dnnl.memory_desc_create_with_strides(plain, n, sizes + skip, UDML_ONEDNN_F32, strides + skip));
	return dnnl.memory_desc_create_with_tag(own, n, sizes + skip, UDML_ONEDNN_F32, UDML_ONEDNN_ANY);
}

// Describes a pass; a backward one needs the forward one, which is destroyed by the caller.
static int describe(any *d, any *forward, udml_onednn_conv *c, const udml_onednn_shape *s, any weights, any attr) {
	const dims stride = {s->stride, s->stride}, dilation = {0, 0}, pad = {s->pad, s->pad};
	// The last patch may end before the image does: what the pass reads behind or in front of it is its padding.
	const dims after = {(s->oh - 1) * s->stride + s->kh - s->h - s->pad, (s->ow - 1) * s->stride + s->kw - s->w - s->pad};
	any *first = c->pass == UDML_ONEDNN_FORWARD ? d : forward;
	int status;
	TRY(dnnl.convolution_forward_primitive_desc_create(first, dnnl.engine, UDML_ONEDNN_TRAINING, UDML_ONEDNN_DIRECT, c->x, weights, NULL,
		c->y, stride, dilation, pad, after, attr));
	switch (c->pass) {
	case UDML_ONEDNN_FORWARD:
		return 0;
	case UDML_ONEDNN_BACKWARD_DATA:
		return dnnl.convolution_backward_data_primitive_desc_create(d, dnnl.engine, UDML_ONEDNN_DIRECT, c->x, weights, c->y, stride,
			dilation, pad, after, *forward, attr);
	default:
		return dnnl.convolution_backward_weights_primitive_desc_create(d, dnnl.engine, UDML_ONEDNN_DIRECT, c->x, weights, NULL, c->y,
			stride, dilation, pad, after, *forward, attr);
	}
}

static int reorder(any *primitive, any from, any to) {
	any d = NULL;
	int status;
	TRY(dnnl.reorder_primitive_desc_create(&d, from, dnnl.engine, to, dnnl.engine, NULL));
	status = dnnl.primitive_create(primitive, d);
	dnnl.primitive_desc_destroy(d);
	return status;
}

// Makes what follows from the description d.
static int finish(udml_onednn_conv *c, any d) {
	int status, what = c->pass == UDML_ONEDNN_BACKWARD_WEIGHTS ? UDML_ONEDNN_DIFF_WEIGHTS : UDML_ONEDNN_WEIGHTS;
	TRY(dnnl.memory_desc_clone(&c->own, dnnl.primitive_desc_query_md(d, what, 0)));
	TRY(dnnl.memory_desc_clone(&c->scratchpad, dnnl.primitive_desc_query_md(d, UDML_ONEDNN_SCRATCHPAD, 0)));
	c->weights = dnnl.memory_desc_get_size(c->own);
	c->scratch = dnnl.memory_desc_get_size(c->scratchpad);
	TRY(reorder(&c->pack, c->plain, c->own));
	TRY(reorder(&c->unpack, c->own, c->plain));
	return dnnl.primitive_create(&c->primitive, d);
}

int udml_onednn_create(udml_onednn_conv *c, int pass, const udml_onednn_shape *s, const udml_onednn_conv *like) {
	any attr = NULL, free_layout = NULL, d = NULL, forward = NULL;
	int status;
	udml_onednn_one_thread();
	memset(c, 0, sizeof *c);
	c->pass = pass;
	c->x_step = (size_t)s->n * s->h * s->w * s->c;
	c->y_step = (size_t)s->n * s->oh * s->ow * s->o;
	if (!(status = images(&c->x, s->n, s->c, s->h, s->w)) && !(status = images(&c->y, s->n, s->o, s->oh, s->ow)) &&
	    !(status = weights(&c->plain, &free_layout, s)) && !(status = dnnl.primitive_attr_create(&attr)) &&
	    !(status = dnnl.primitive_attr_set_scratchpad_mode(attr, UDML_ONEDNN_USER)) &&
	    !(status = describe(&d, &forward, c, s, like ? like->own : free_layout, attr)))
		status = finish(c, d);
	if (d) dnnl.primitive_desc_destroy(d);
	if (forward) dnnl.primitive_desc_destroy(forward);
	if (attr) dnnl.primitive_attr_destroy(attr);
	if (free_layout) dnnl.memory_desc_destroy(free_layout);
	return status;
}

void udml_onednn_destroy(udml_onednn_conv *c) {
	any primitives[] = {c->primitive, c->pack, c->unpack}, descriptions[] = {c->x, c->y, c->plain, c->own, c->scratchpad};
	for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++)
		if (primitives[i]) dnnl.primitive_destroy(primitives[i]);
	for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++)
		if (descriptions[i]) dnnl.memory_desc_destroy(descriptions[i]);
	memset(c, 0, sizeof *c);
}

const char *udml_onednn_code(any primitive) {
	any d = NULL;
	const char *name = NULL;
	if (dnnl.primitive_get_primitive_desc(primitive, &d) || dnnl.primitive_desc_query(d, UDML_ONEDNN_IMPLEMENTATION, 0, &name)) return "";
	return name;
}

int udml_onednn_execute(any primitive, int n, const int *args, const any *descriptions, void *const *data, const size_t *steps,
	int count) {
	exec_arg list[MOST] = {{0}};
	any stream = NULL;
	int made = 0, status = dnnl.stream_create(&stream, dnnl.engine, UDML_ONEDNN_IN_ORDER);
	udml_onednn_one_thread();
	for (; !status && made < n; made++) {
		list[made].arg = args[made];
		if ((status = dnnl.memory_create(&list[made].memory, descriptions[made], dnnl.engine, data[made]))) break;
	}
	for (int k = 0; !status && k < count; k++) {
		for (int i = 0; k && !status && i < n; i++)
			if (steps[i]) status = dnnl.memory_set_data_handle(list[i].memory, (float *)data[i] + k * steps[i]);
		if (!status) status = dnnl.primitive_execute(primitive, stream, n, list);
	}
	while (made > 0) dnnl.memory_destroy(list[--made].memory);
	if (stream) dnnl.stream_destroy(stream);
	return status;
}

static int copy(any primitive, any from, any to, const float *source, float *target) {
	const int args[] = {UDML_ONEDNN_ARG_SRC, UDML_ONEDNN_ARG_DST};
	const any descriptions[] = {from, to};
	void *const data[] = {(void *)source, target};
	const size_t steps[] = {0, 0};
	return udml_onednn_execute(primitive, 2, args, descriptions, data, steps, 1);
}

int udml_onednn_pack(const udml_onednn_conv *c, float *own, const float *plain) { return copy(c->pack, c->plain, c->own, plain, own); }
int udml_onednn_unpack(const udml_onednn_conv *c, float *plain, const float *own) { return copy(c->unpack, c->own, c->plain, own, plain); }

int udml_onednn_run(const udml_onednn_conv *c, int count, float *x, float *weights, float *y, void *scratch) {
	enum { ARGUMENTS = 4 };
	static const int args[3][ARGUMENTS] = {
		{UDML_ONEDNN_ARG_SRC, UDML_ONEDNN_ARG_WEIGHTS, UDML_ONEDNN_ARG_DST, UDML_ONEDNN_ARG_SCRATCHPAD},
		{UDML_ONEDNN_ARG_DIFF_SRC, UDML_ONEDNN_ARG_WEIGHTS, UDML_ONEDNN_ARG_DIFF_DST, UDML_ONEDNN_ARG_SCRATCHPAD},
		{UDML_ONEDNN_ARG_SRC, UDML_ONEDNN_ARG_DIFF_WEIGHTS, UDML_ONEDNN_ARG_DIFF_DST, UDML_ONEDNN_ARG_SCRATCHPAD},
	};
	const any descriptions[ARGUMENTS] = {c->x, c->own, c->y, c->scratchpad};
	void *const data[ARGUMENTS] = {x, weights, y, scratch};
	const size_t steps[ARGUMENTS] = {c->x_step, 0, c->y_step, 0};
	return udml_onednn_execute(c->primitive, ARGUMENTS, args[c->pass], descriptions, data, steps, count);
}
