// Stands in for libcuda at link time, so that one program runs with and without an NVIDIA driver. The functions of cuda.h are jumps
// through udml_cuda_slot (made by scripts/shim.sh); before main this file opens the real library and fills the slots.
// Without a usable driver they are filled with answers that mean "no GPU here": gorgonia.org/cu calls cuInit while the program starts and
// ends the process on any error.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "entries.h" // UDML_CUDA_ENTRIES(X): X(cuInit) X(cuDriverGetVersion) ...

enum { SUCCESS = 0, NO_DEVICE = 100, NOT_FOUND = 500 };

#define NAME(entry) #entry,
static const char *const names[] = {UDML_CUDA_ENTRIES(NAME)};
enum { ENTRIES = sizeof names / sizeof names[0] };

// Hidden, as the entry points are: libraries opened later must find the driver's own symbols, never these.
__attribute__((visibility("hidden"))) void *udml_cuda_slot[ENTRIES];

static char problem[1024];
static char file[1024];

// Callers pass arguments of any number and type; the x86-64 calling convention lets a callee ignore them.
static int succeed(void) { return SUCCESS; }
static int no_device(void) { return NO_DEVICE; }
static int not_found(void) { return NOT_FOUND; }
static int write_zero(int *out) {
	if (out) *out = 0;
	return SUCCESS;
}

static int same(const char *a, const char *b) {
	while (*a && *a == *b) a++, b++;
	return *a == *b;
}

static void answer_without_driver(void) {
	for (int i = 0; i < ENTRIES; i++) {
		const char *name = names[i];
		int counts = same(name, "cuDriverGetVersion") || same(name, "cuDeviceGetCount");
		udml_cuda_slot[i] = counts ? (void *)write_zero : same(name, "cuInit") ? (void *)succeed : (void *)no_device;
	}
}

// cuInit has been called by then. Functions that an older driver lacks answer CUDA_ERROR_NOT_FOUND.
static void answer_with(void *library) {
	for (int i = 0; i < ENTRIES; i++) {
		void *entry = same(names[i], "cuInit") ? (void *)succeed : dlsym(library, names[i]);
		udml_cuda_slot[i] = entry ? entry : (void *)not_found;
	}
}

// The library's own words for a code; they work before and without a cuInit.
static const char *words(void *library, const char *function, int code) {
	int (*get)(int, const char **) = (int (*)(int, const char **))dlsym(library, function);
	const char *text = NULL;
	if (!get || get(code, &text) != SUCCESS) return NULL;
	return text;
}

static void say_init_failed(void *library, int code) {
	const char *name = words(library, "cuGetErrorName", code);
	const char *text = words(library, "cuGetErrorString", code);
	if (name && text)
		snprintf(problem, sizeof problem, "cuInit returned %d (%s: %s)", code, name, text);
	else
		snprintf(problem, sizeof problem, "cuInit returned %d", code);
}

static void *open_library(void) {
	const char *name = getenv("UDML_LIBCUDA");
	if (!name || !*name) name = "libcuda.so.1"; // dlopen("") would open this program itself
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!library) snprintf(problem, sizeof problem, "%s could not be opened: %s", name, dlerror());
	return library;
}

// start_driver: whether the library's cuInit succeeded; if not, problem says why.
static int start_driver(void *library) {
	int (*init)(unsigned) = (int (*)(unsigned))dlsym(library, "cuInit");
	if (!init) {
		snprintf(problem, sizeof problem, "the CUDA driver library has no cuInit: %s", dlerror());
		return 0;
	}
	Dl_info info;
	if (dladdr((void *)init, &info) && info.dli_fname) snprintf(file, sizeof file, "%s", info.dli_fname);
	int code = init(0);
	if (code != SUCCESS) say_init_failed(library, code);
	return code == SUCCESS;
}

// A constructor: it runs once, before any thread, so nothing here needs a lock. A library whose cuInit failed stays open, since it may have
// started threads of its own.
__attribute__((constructor)) static void fill_slots(void) {
	void *library = open_library();
	if (library && start_driver(library))
		answer_with(library);
	else
		answer_without_driver();
}

// Why there is no driver; "" when there is one.
const char *udml_cuda_driver_problem(void) { return problem; }

// The file that cuInit came from; "" when none was opened.
const char *udml_cuda_driver_file(void) { return file; }
