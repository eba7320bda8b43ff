// The calls of MPI that this project makes, for all three binary interfaces. mpi.go documents them. All return MPI's error code, 0 for
// success, where nothing else is said.
#ifndef UDML_MPI_H
#define UDML_MPI_H

#include <stdint.h>

// The binary interfaces of MPI libraries.
enum { UDML_MPI_OPEN_MPI = 1, UDML_MPI_MPICH = 2, UDML_MPI_STANDARD = 3 };

// The bytes that the texts below may take, with the zero at their end.
enum { UDML_MPI_TEXT = 8193 };

// The name of a function that the library lacks, or NULL: then the functions below may be called.
const char *udml_mpi_bind(void *library);

int udml_mpi_abi(void);

// These three may be called before udml_mpi_init.
int udml_mpi_version(int *major, int *minor); // of the standard that the library follows
int udml_mpi_library(char *text);
int udml_mpi_error_text(int code, char *text);

int udml_mpi_init(int *enough); // enough: whether the library is content with calls from one thread beside others
int udml_mpi_rank(int *rank, int *size);
int udml_mpi_local(int *rank, int *size); // among the ranks that share memory with this one; all ranks have to call it
int udml_mpi_abort(int code);
int udml_mpi_finalize(void);

// The bytes must stay where they are until udml_mpi_test has found the request done.
int udml_mpi_send(void *bytes, int n, int peer, int tag, uint64_t *request);
int udml_mpi_receive(void *bytes, int n, int peer, int tag, uint64_t *request);
// The sums over all ranks of n numbers of type float, or of type double.
int udml_mpi_add(const void *in, void *out, int n, int wide, uint64_t *request);
// count may be NULL; of a receive it gets the bytes that have come.
int udml_mpi_test(uint64_t *request, int *done, int *count);

#endif
