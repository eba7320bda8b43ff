// cuBLASLt by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
#include "cublas.h"

#include <dlfcn.h>
#include <string.h>

typedef void *any; // handles and descriptors are pointers to what only the library knows

// X(result, name, parameters) for each function used.
#define FUNCTIONS(X) \
	X(size_t, GetVersion, (void)) \
	X(const char *, GetStatusString, (int status)) \
	X(int, Create, (any *handle)) \
	X(int, Destroy, (any handle)) \
	X(int, MatmulDescCreate, (any *d, int compute, int scaletype)) \
	X(int, MatmulDescSetAttribute, (any d, int attribute, const void *value, size_t bytes)) \
	X(int, MatmulDescDestroy, (any d)) \
	X(int, MatrixLayoutCreate, (any *d, int type, uint64_t rows, uint64_t cols, int64_t ld)) \
	X(int, MatrixLayoutDestroy, (any d)) \
	X(int, MatmulPreferenceCreate, (any *d)) \
	X(int, MatmulPreferenceSetAttribute, (any d, int attribute, const void *value, size_t bytes)) \
	X(int, MatmulPreferenceDestroy, (any d)) \
	X(int, MatmulAlgoGetHeuristic, (any handle, any desc, any a, any b, any c, any d, any preference, int want, \
	                                udml_cublas_choice *results, int *count)) \
	X(int, Matmul, (any handle, any desc, const void *alpha, const void *a, any ad, const void *b, any bd, const void *beta, \
	                const void *c, any cd, void *d, any dd, const udml_cublas_algo *algo, void *workspace, size_t bytes, void *stream))

#define DECLARE(result, name, parameters) static result(*name) parameters;
FUNCTIONS(DECLARE)

const char *udml_cublas_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(name = (result(*) parameters)dlsym(library, "cublasLt" #name))) return "cublasLt" #name;
	FUNCTIONS(BIND)
	return NULL;
}

size_t udml_cublas_version(void) { return GetVersion(); }
const char *udml_cublas_text(int status) { return GetStatusString(status); }
int udml_cublas_create(void **handle) { return Create(handle); }
int udml_cublas_destroy(void *handle) { return Destroy(handle); }

#define TRY(call) \
	if ((status = (call))) return status

// Sums may be split over blocks only where each part goes to the workspace and a second pass adds the parts in order.
static int prefer(any preference, size_t limit) {
	uint32_t scheme = UDML_CUBLASLT_REDUCTION_COMPUTE_TYPE, alignment = 16;
	uint64_t bytes = limit;
	int status;
	TRY(MatmulPreferenceSetAttribute(preference, UDML_CUBLASLT_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes));
	TRY(MatmulPreferenceSetAttribute(preference, UDML_CUBLASLT_PREF_REDUCTION_SCHEME_MASK, &scheme, sizeof scheme));
	for (int operand = 0; operand < 4; operand++)
		TRY(MatmulPreferenceSetAttribute(preference, UDML_CUBLASLT_PREF_MIN_ALIGNMENT_A_BYTES + operand, &alignment, sizeof alignment));
	return 0;
}

// The library's first choice: it follows from the shape and the device alone.
static int choose(void *handle, udml_product *p, size_t limit) {
	udml_cublas_choice first = {0};
	any preference = NULL;
	int count = 0, status;
	TRY(MatmulPreferenceCreate(&preference));
	status = prefer(preference, limit);
	if (!status) status = MatmulAlgoGetHeuristic(handle, p->desc, p->a, p->b, p->c, p->c, preference, 1, &first, &count);
	MatmulPreferenceDestroy(preference);
	if (status) return status;
	if (count < 1) return UDML_CUBLAS_NOT_SUPPORTED;
	TRY(first.state);
	p->algo = first.algo;
	p->workspace = first.workspace;
	return 0;
}

static int layout(any *d, int type, uint64_t rows, uint64_t cols, int transposed) {
	if (transposed) return MatrixLayoutCreate(d, type, cols, rows, (int64_t)cols);
	return MatrixLayoutCreate(d, type, rows, cols, (int64_t)rows);
}

int udml_cublas_product_create(void *handle, udml_product *p, const udml_product_shape *s) {
	int32_t opa = s->transa ? UDML_CUBLAS_OP_T : UDML_CUBLAS_OP_N, opb = s->transb ? UDML_CUBLAS_OP_T : UDML_CUBLAS_OP_N;
	int status;
	memset(p, 0, sizeof *p);
	TRY(MatmulDescCreate(&p->desc, s->compute, UDML_CUDA_R_32F));
	TRY(MatmulDescSetAttribute(p->desc, UDML_CUBLASLT_DESC_TRANSA, &opa, sizeof opa));
	TRY(MatmulDescSetAttribute(p->desc, UDML_CUBLASLT_DESC_TRANSB, &opb, sizeof opb));
	TRY(layout(&p->a, s->factors, s->m, s->k, s->transa));
	TRY(layout(&p->b, s->factors, s->k, s->n, s->transb));
	TRY(layout(&p->c, s->result, s->m, s->n, 0));
	return choose(handle, p, s->limit);
}

void udml_cublas_product_destroy(udml_product *p) {
	if (p->a) MatrixLayoutDestroy(p->a);
	if (p->b) MatrixLayoutDestroy(p->b);
	if (p->c) MatrixLayoutDestroy(p->c);
	if (p->desc) MatmulDescDestroy(p->desc);
	memset(p, 0, sizeof *p);
}

int udml_cublas_run(void *handle, void *stream, const udml_product *p, const udml_product_operands *o) {
	return Matmul(handle, p->desc, &o->alpha, (void *)o->a, p->a, (void *)o->b, p->b, &o->beta, (void *)o->c, p->c, (void *)o->c, p->c,
	              &p->algo, (void *)o->workspace, p->workspace, stream);
}
