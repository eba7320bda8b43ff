// Products of matrices where they lie: oneDNN's matmul with plain layouts.
#include "calls.h"

#include <string.h>

// A rows x cols matrix, or the one that is it when turned over, whose rows are ld apart.
static int matrix(any *d, int turned, int rows, int cols, int ld) {
	const dims sizes = {rows, cols}, strides = {turned ? 1 : ld, turned ? ld : 1};
	return dnnl.memory_desc_create_with_strides(d, 2, sizes, UDML_ONEDNN_F32, strides);
}

// What follows the sum of products: times alpha, plus beta times what was in c.
static int scaled(any operations, float alpha, float beta) {
	int status;
	if (alpha != 1) TRY(dnnl.post_ops_append_eltwise(operations, UDML_ONEDNN_LINEAR, alpha, 0));
	return beta ? dnnl.post_ops_append_sum(operations, beta, 0, UDML_ONEDNN_F32) : 0;
}

static int attributes(any *attr, any *operations, const udml_onednn_product *p) {
	int status;
	TRY(dnnl.primitive_attr_create(attr));
	TRY(dnnl.primitive_attr_set_scratchpad_mode(*attr, UDML_ONEDNN_USER));
	TRY(dnnl.post_ops_create(operations));
	TRY(scaled(*operations, p->alpha, p->beta));
	return dnnl.primitive_attr_set_post_ops(*attr, *operations);
}

static int finish(udml_onednn_matmul *mm, any d) {
	int status;
	TRY(dnnl.memory_desc_clone(&mm->scratchpad, dnnl.primitive_desc_query_md(d, UDML_ONEDNN_SCRATCHPAD, 0)));
	mm->scratch = dnnl.memory_desc_get_size(mm->scratchpad);
	return dnnl.primitive_create(&mm->primitive, d);
}

int udml_onednn_matmul_create(udml_onednn_matmul *mm, const udml_onednn_product *p) {
	any attr = NULL, operations = NULL, d = NULL;
	int status;
	udml_onednn_one_thread();
	memset(mm, 0, sizeof *mm);
	if (!(status = matrix(&mm->a, p->trans_a, p->m, p->k, p->lda)) && !(status = matrix(&mm->b, p->trans_b, p->k, p->n, p->ldb)) &&
	    !(status = matrix(&mm->c, 0, p->m, p->n, p->ldc)) && !(status = attributes(&attr, &operations, p)) &&
	    !(status = p->has_bias ? matrix(&mm->bias, 0, 1, p->n, p->n) : 0) &&
	    !(status = dnnl.matmul_primitive_desc_create(&d, dnnl.engine, mm->a, mm->b, mm->bias, mm->c, attr)))
		status = finish(mm, d);
	if (d) dnnl.primitive_desc_destroy(d);
	if (operations) dnnl.post_ops_destroy(operations);
	if (attr) dnnl.primitive_attr_destroy(attr);
	return status;
}

void udml_onednn_matmul_destroy(udml_onednn_matmul *mm) {
	any descriptions[] = {mm->a, mm->b, mm->bias, mm->c, mm->scratchpad};
	if (mm->primitive) dnnl.primitive_destroy(mm->primitive);
	for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++)
		if (descriptions[i]) dnnl.memory_desc_destroy(descriptions[i]);
	memset(mm, 0, sizeof *mm);
}

int udml_onednn_matmul_run(const udml_onednn_matmul *mm, const float *a, const float *b, const float *bias, float *c, void *scratch) {
	static const int args[MOST] = {
		UDML_ONEDNN_ARG_SRC, UDML_ONEDNN_ARG_WEIGHTS, UDML_ONEDNN_ARG_DST, UDML_ONEDNN_ARG_SCRATCHPAD, UDML_ONEDNN_ARG_BIAS,
	};
	const any descriptions[MOST] = {mm->a, mm->b, mm->c, mm->scratchpad, mm->bias};
	void *const data[MOST] = {(void *)a, (void *)b, c, scratch, (void *)bias};
	const size_t steps[MOST] = {0};
	return udml_onednn_execute(mm->primitive, mm->bias ? MOST : MOST - 1, args, descriptions, data, steps, 1);
}
