// The calls for one kind of handle. mpi.c includes this once for each kind, with HANDLE its C type and OF(name) a name for that kind, so
// that each function is called with the types that it has, and arguments travel as the machine passes them.

static struct {
#define DECLARE(name, parameters) int(*name) parameters;
	FUNCTIONS(DECLARE)
#undef DECLARE
} OF(mpi);

static struct {
	HANDLE world, byte, single, twice, sum, no_info, errors_return;
	int funneled, shared;
} OF(known);

static const char *OF(bind)(void *library) {
#define BIND(name, parameters) \
	if (!(OF(mpi).name = (int(*) parameters)dlsym(library, "MPI_" #name))) return "MPI_" #name;
	FUNCTIONS(BIND)
#undef BIND
	return NULL;
}

static int OF(init)(int *enough) {
	int level = 0;
	int code = OF(mpi).Init_thread(NULL, NULL, OF(known).funneled, &level);
	*enough = level >= OF(known).funneled;
	// Without this an error ends the program within the call.
	return code ? code : OF(mpi).Comm_set_errhandler(OF(known).world, OF(known).errors_return);
}

static int OF(rank_in)(HANDLE comm, int *rank, int *size) {
	int code = OF(mpi).Comm_rank(comm, rank);
	return code ? code : OF(mpi).Comm_size(comm, size);
}

static int OF(rank)(int *rank, int *size) { return OF(rank_in)(OF(known).world, rank, size); }

static int OF(local)(int *rank, int *size) {
	HANDLE comm;
	int code = OF(mpi).Comm_split_type(OF(known).world, OF(known).shared, 0, OF(known).no_info, &comm);
	if (code) return code;
	code = OF(rank_in)(comm, rank, size);
	int freed = OF(mpi).Comm_free(&comm);
	return code ? code : freed;
}

static int OF(abort)(int code) { return OF(mpi).Abort(OF(known).world, code); }

static int OF(send)(void *bytes, int n, int peer, int tag, uint64_t *request) {
	HANDLE r = 0;
	int code = OF(mpi).Isend(bytes, n, OF(known).byte, peer, tag, OF(known).world, &r);
	*request = (uint64_t)(uintptr_t)r;
	return code;
}

static int OF(receive)(void *bytes, int n, int peer, int tag, uint64_t *request) {
	HANDLE r = 0;
	int code = OF(mpi).Irecv(bytes, n, OF(known).byte, peer, tag, OF(known).world, &r);
	*request = (uint64_t)(uintptr_t)r;
	return code;
}

static int OF(add)(const void *in, void *out, int n, int wide, uint64_t *request) {
	HANDLE r = 0, type = wide ? OF(known).twice : OF(known).single;
	int code = OF(mpi).Iallreduce(in, out, n, type, OF(known).sum, OF(known).world, &r);
	*request = (uint64_t)(uintptr_t)r;
	return code;
}

static int OF(test)(uint64_t *request, int *done, int *count) {
	// MPI_Status has 20 to 32 bytes in the three interfaces.
	int64_t status[16] = {0};
	HANDLE r = (HANDLE)(uintptr_t)*request;
	int code = OF(mpi).Test(&r, done, status);
	*request = (uint64_t)(uintptr_t)r;
	if (code || !*done || !count) return code;
	return OF(mpi).Get_count(status, OF(known).byte, count);
}
