// MPI by dlsym, with prototypes of our own: the program is built without its headers and runs without the library.
//
// MPI's standard fixed the names of its functions, but until version 5.0 not the types of their arguments. In Open MPI a communicator or
// a type of data is the address of a variable of the library. In MPICH and those that follow its interface (Intel MPI, MVAPICH, Cray) it is
// a number of type int. In the interface of MPI 5.0 it is a small number in a pointer.
#include "mpi.h"

#include <dlfcn.h>
#include <stddef.h>

// X(name, parameters) for each function used that takes or fills in a HANDLE, and those beside them. All return an error code.
#define FUNCTIONS(X) \
	X(Init_thread, (int *count, char ***arguments, int wanted, int *provided)) \
	X(Finalize, (void)) \
	X(Abort, (HANDLE comm, int code)) \
	X(Comm_rank, (HANDLE comm, int *rank)) \
	X(Comm_size, (HANDLE comm, int *size)) \
	X(Comm_set_errhandler, (HANDLE comm, HANDLE handler)) \
	X(Comm_split_type, (HANDLE comm, int type, int key, HANDLE info, HANDLE *split)) \
	X(Comm_free, (HANDLE *comm)) \
	X(Isend, (const void *bytes, int n, HANDLE type, int peer, int tag, HANDLE comm, HANDLE *request)) \
	X(Irecv, (void *bytes, int n, HANDLE type, int peer, int tag, HANDLE comm, HANDLE *request)) \
	X(Iallreduce, (const void *in, void *out, int n, HANDLE type, HANDLE op, HANDLE comm, HANDLE *request)) \
	X(Test, (HANDLE * request, int *done, void *status)) \
	X(Get_count, (const void *status, HANDLE type, int *count)) \
	X(Error_string, (int code, char *text, int *length)) \
	X(Get_library_version, (char *text, int *length)) \
	X(Get_version, (int *major, int *minor))

typedef void *pointer;
#define HANDLE pointer
#define OF(name) pointer_##name
#include "calls.h"
#undef HANDLE
#undef OF

#define HANDLE int
#define OF(name) number_##name
#include "calls.h"
#undef HANDLE
#undef OF

static int abi;

#define CALL(name, ...) (abi == UDML_MPI_MPICH ? number_##name(__VA_ARGS__) : pointer_##name(__VA_ARGS__))
#define DIRECT(name, ...) (abi == UDML_MPI_MPICH ? number_mpi.name(__VA_ARGS__) : pointer_mpi.name(__VA_ARGS__))

// MPICH 5 has the function in the library of its own interface too: there the version is -1.
static int is_standard(void *library) {
	int major = -1, minor = -1;
	int (*version)(int *, int *) = (int (*)(int *, int *))dlsym(library, "MPI_Abi_get_version");
	return version && version(&major, &minor) == 0 && major >= 1;
}

static int abi_of(void *library) {
	if (dlsym(library, "ompi_mpi_comm_world")) return UDML_MPI_OPEN_MPI;
	return is_standard(library) ? UDML_MPI_STANDARD : UDML_MPI_MPICH;
}

// The addresses of Open MPI's mpi.h, of all versions.
static const char *know_open_mpi(void *library) {
#define ADDRESS(field, symbol) \
	if (!(pointer_known.field = dlsym(library, symbol))) return symbol;
	ADDRESS(world, "ompi_mpi_comm_world")
	ADDRESS(byte, "ompi_mpi_byte")
	ADDRESS(single, "ompi_mpi_float")
	ADDRESS(twice, "ompi_mpi_double")
	ADDRESS(sum, "ompi_mpi_op_sum")
	ADDRESS(no_info, "ompi_mpi_info_null")
	ADDRESS(errors_return, "ompi_mpi_errors_return")
	pointer_known.funneled = 1;
	pointer_known.shared = 0;
	return NULL;
}

// The numbers of mpi_abi.h, which are part of MPI 5.0.
static void know_standard(void) {
	pointer_known.world = (void *)0x101;
	pointer_known.byte = (void *)0x247;
	pointer_known.single = (void *)0x210;
	pointer_known.twice = (void *)0x214;
	pointer_known.sum = (void *)0x21;
	pointer_known.no_info = (void *)0x130;
	pointer_known.errors_return = (void *)0x143;
	pointer_known.funneled = 1024;
	pointer_known.shared = 221;
}

// The numbers of MPICH's mpi.h, which its common interface keeps since version 3.1.
static void know_mpich(void) {
	number_known.world = 0x44000000;
	number_known.byte = 0x4c00010d;
	number_known.single = 0x4c00040a;
	number_known.twice = 0x4c00080b;
	number_known.sum = 0x58000003;
	number_known.no_info = 0x1c000000;
	number_known.errors_return = 0x54000001;
	number_known.funneled = 1;
	number_known.shared = 1;
}

const char *udml_mpi_bind(void *library) {
	abi = abi_of(library);
	switch (abi) {
	case UDML_MPI_MPICH: know_mpich(); return number_bind(library);
	case UDML_MPI_STANDARD: know_standard(); return pointer_bind(library);
	}
	const char *missing = know_open_mpi(library);
	return missing ? missing : pointer_bind(library);
}

int udml_mpi_abi(void) { return abi; }

int udml_mpi_version(int *major, int *minor) { return DIRECT(Get_version, major, minor); }

int udml_mpi_library(char *text) {
	int length = 0;
	return DIRECT(Get_library_version, text, &length);
}

int udml_mpi_error_text(int code, char *text) {
	int length = 0;
	return DIRECT(Error_string, code, text, &length);
}

int udml_mpi_init(int *enough) { return CALL(init, enough); }
int udml_mpi_rank(int *rank, int *size) { return CALL(rank, rank, size); }
int udml_mpi_local(int *rank, int *size) { return CALL(local, rank, size); }
int udml_mpi_abort(int code) { return CALL(abort, code); }
int udml_mpi_finalize(void) { return DIRECT(Finalize); }

int udml_mpi_send(void *bytes, int n, int peer, int tag, uint64_t *request) { return CALL(send, bytes, n, peer, tag, request); }
int udml_mpi_receive(void *bytes, int n, int peer, int tag, uint64_t *request) { return CALL(receive, bytes, n, peer, tag, request); }
int udml_mpi_add(const void *in, void *out, int n, int wide, uint64_t *request) { return CALL(add, in, out, n, wide, request); }
int udml_mpi_test(uint64_t *request, int *done, int *count) { return CALL(test, request, done, count); }
