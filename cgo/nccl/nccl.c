// NCCL by dlsym, with prototypes of our own: the program is built without NVIDIA's headers and runs without the library.
#include "nccl.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

typedef struct {
	char bytes[UDML_NCCL_ID_BYTES];
} unique_id;

// ncclConfig_t as it was in 2.18. Later versions have more fields behind these, and take those that size does not reach as not set.
typedef struct {
	size_t size;
	unsigned magic, version;
	int blocking, cga_cluster_size, min_ctas, max_ctas;
	const char *net_name;
	int split_share;
} config;

enum { MAGIC = 0xcafebeef, VERSION = 21800, UNDEFINED = INT_MIN };

// X(result, name, parameters) for each function used; ncclCommSplit is only looked for, since version 2.18 brought it.
#define FUNCTIONS(X) \
	X(int, GetVersion, (int *version)) \
	X(const char *, GetErrorString, (int result)) \
	X(const char *, GetLastError, (void *comm)) \
	X(int, GetUniqueId, (unique_id * id)) \
	X(int, CommInitRankConfig, (void **comm, int ranks, unique_id id, int rank, config *c)) \
	X(int, CommSplit, (void *comm, int color, int key, void **split, config *c)) \
	X(int, CommGetAsyncError, (void *comm, int *state)) \
	X(int, CommFinalize, (void *comm)) \
	X(int, CommDestroy, (void *comm)) \
	X(int, CommAbort, (void *comm)) \
	X(int, GroupStart, (void)) \
	X(int, GroupEnd, (void)) \
	X(int, Send, (const void *bytes, size_t n, int type, int peer, void *comm, void *stream)) \
	X(int, Recv, (void *bytes, size_t n, int type, int peer, void *comm, void *stream)) \
	X(int, AllReduce, (const void *in, void *out, size_t n, int type, int op, void *comm, void *stream))

static struct {
#define DECLARE(result, name, parameters) result(*name) parameters;
	FUNCTIONS(DECLARE)
} nccl;

const char *udml_nccl_bind(void *library) {
#define BIND(result, name, parameters) \
	if (!(nccl.name = (result(*) parameters)dlsym(library, "nccl" #name))) return "nccl" #name;
	FUNCTIONS(BIND)
	return NULL;
}

int udml_nccl_version(void) {
	int version = 0;
	return nccl.GetVersion(&version) == UDML_NCCL_SUCCESS ? version : 0;
}

const char *udml_nccl_text(int result) {
	const char *text = nccl.GetErrorString(result);
	return text ? text : "";
}

const char *udml_nccl_last_error(void) {
	const char *text = nccl.GetLastError(NULL);
	return text ? text : "";
}

int udml_nccl_id(void *id) { return nccl.GetUniqueId(id); }

int udml_nccl_init(void **comm, int ranks, const void *id, int rank) {
	config c = {sizeof c, MAGIC, VERSION, 0, UNDEFINED, UNDEFINED, UNDEFINED, NULL, UNDEFINED};
	unique_id i;
	memcpy(&i, id, sizeof i);
	return nccl.CommInitRankConfig(comm, ranks, i, rank, &c);
}

int udml_nccl_state(void *comm, int *state) { return nccl.CommGetAsyncError(comm, state); }
int udml_nccl_finalize(void *comm) { return nccl.CommFinalize(comm); }
int udml_nccl_destroy(void *comm) { return nccl.CommDestroy(comm); }
int udml_nccl_abort(void *comm) { return nccl.CommAbort(comm); }

static int failed(int result) { return result != UDML_NCCL_SUCCESS && result != UDML_NCCL_IN_PROGRESS; }

// A group has to be ended even where one of its calls has failed.
int udml_nccl_exchange(void *comm, void *stream, const udml_nccl_message *messages, int n) {
	int result = nccl.GroupStart();
	if (failed(result)) return result;
	for (int i = 0; i < n && !failed(result); i++) {
		const udml_nccl_message *m = &messages[i];
		result = m->receive ? nccl.Recv((void *)m->address, m->bytes, UDML_NCCL_UINT8, m->peer, comm, stream)
		                    : nccl.Send((const void *)m->address, m->bytes, UDML_NCCL_UINT8, m->peer, comm, stream);
	}
	int end = nccl.GroupEnd();
	return failed(result) ? result : end;
}

int udml_nccl_add(void *comm, void *stream, uintptr_t numbers, size_t n, int wide) {
	int type = wide ? UDML_NCCL_FLOAT64 : UDML_NCCL_FLOAT32;
	return nccl.AllReduce((const void *)numbers, (void *)numbers, n, type, UDML_NCCL_SUM, comm, stream);
}
