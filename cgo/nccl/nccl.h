// The part of NCCL that Go calls, through pointers that udml_nccl_bind fills. Functions that return int return an ncclResult_t.
#ifndef UDML_NCCL_H
#define UDML_NCCL_H

#include <stddef.h>
#include <stdint.h>

// The values are those of nccl.h, which are the same in all versions of NCCL 2.
enum {
	UDML_NCCL_SUCCESS = 0,
	UDML_NCCL_REMOTE_ERROR = 6,
	UDML_NCCL_IN_PROGRESS = 7, // of a communicator whose calls do not wait: ask for its state until it is another
	UDML_NCCL_UINT8 = 1,
	UDML_NCCL_FLOAT32 = 7,
	UDML_NCCL_FLOAT64 = 8,
	UDML_NCCL_SUM = 0,
	UDML_NCCL_ID_BYTES = 128,
};

// Finds the functions in the library that dlopen opened: NULL, or the name of the first that it lacks.
const char *udml_nccl_bind(void *library);

// ncclGetVersion: 21801 for 2.18.1; 0 where it fails.
int udml_nccl_version(void);

// The library's words for a result, and for the last error in this process; never NULL.
const char *udml_nccl_text(int result);
const char *udml_nccl_last_error(void);

// Fills id, of UDML_NCCL_ID_BYTES.
int udml_nccl_id(void *id);

// Begins a communicator whose calls do not wait.
int udml_nccl_init(void **comm, int ranks, const void *id, int rank);

int udml_nccl_state(void *comm, int *state);
int udml_nccl_finalize(void *comm);
int udml_nccl_destroy(void *comm);
int udml_nccl_abort(void *comm);

// Bytes at a device address that go to a peer or come from one. The address is an integer here so that Go does not take it for a pointer
// into its own memory.
typedef struct {
	uintptr_t address;
	size_t bytes;
	int peer, receive;
} udml_nccl_message;

// Queues all messages as one group.
int udml_nccl_exchange(void *comm, void *stream, const udml_nccl_message *messages, int n);

// Queues the sum over all ranks of n numbers of type float, or of type double, in their place.
int udml_nccl_add(void *comm, void *stream, uintptr_t numbers, size_t n, int wide);

#endif
