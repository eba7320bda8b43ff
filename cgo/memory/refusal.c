// The linker makes Go's calls of mmap, pthread_create and malloc (runtime/cgo's, and those of the C code in this program) calls of the
// functions here. Libraries that are opened at run time are left alone: they may be able to go on.
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_CODE = 5, TRIES = 20 };

void *__real_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
void *__real_malloc(size_t bytes);

// Adds a limit to the text, in the unit of the shell's ulimit.
static int limit(char *text, size_t room, int resource, const char *option) {
	struct rlimit l;
	if (getrlimit(resource, &l) != 0 || l.rlim_cur == RLIM_INFINITY) return 0;
	int n = snprintf(text, room, ", ulimit %s is %llu KiB", option, (unsigned long long)l.rlim_cur >> 10);
	return n < 0 || (size_t)n >= room ? 0 : n;
}

// Ends the program at once, because an orderly end would need memory too. Nothing here allocates.
static void refuse(const char *what) {
	char text[512];
	int n = snprintf(text, sizeof text, "udml-gpu: out of memory: %s", what);
	n += limit(text + n, sizeof text - n, RLIMIT_AS, "-v");
	n += limit(text + n, sizeof text - n, RLIMIT_DATA, "-d");
	n += snprintf(text + n, sizeof text - n, "; give it more memory, or lower --batch, --size or --cache-ram\n");
	if (write(STDERR_FILENO, text, n) < 0) {} // there is no other place to report to
	_exit(EXIT_CODE);
}

// glibc reserves 64 MiB of addresses for each thread that allocates. Where addresses are limited, all threads share one reserve.
__attribute__((constructor)) static void share(void) {
#ifdef M_ARENA_MAX
	struct rlimit l;
	if (getrlimit(RLIMIT_AS, &l) == 0 && l.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
#endif
}

// Go's runtime ends the program when the system refuses it memory; every request that it makes is of that kind.
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {
	void *p = __real_mmap(at, bytes, protection, flags, fd, offset);
	if (p == MAP_FAILED && errno == ENOMEM) refuse("the system gives this process no more");
	return p;
}

// EAGAIN is no memory for a thread's stack, or too many threads, which may pass; runtime/cgo tries so often too, and then aborts.
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
	int err = EAGAIN;
	for (int i = 0; i < TRIES && err == EAGAIN; i++) {
		struct timespec pause = {0, i * 1000000L};
		nanosleep(&pause, NULL);
		err = __real_pthread_create(thread, attributes, run, argument);
	}
	if (err == EAGAIN || err == ENOMEM) refuse("the system gives this process no further thread");
	return err;
}

void *__wrap_malloc(size_t bytes) {
	void *p = __real_malloc(bytes);
	if (p == NULL && bytes > 0) refuse("the system gives this process no more");
	return p;
}
