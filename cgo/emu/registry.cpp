// The kernels of this library, by name.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu.h"
#include "launch.h"

namespace udml {

static Kernel *first;

static Kernel *find(const char *name) {
    Kernel *kernel = first;
    while (kernel && strcmp(kernel->name, name) != 0) kernel = kernel->next;
    return kernel;
}

void register_kernel(Kernel *kernel) {
    if (find(kernel->name)) {
        fprintf(stderr, "udml emulator: two kernels are called %s\n", kernel->name);
        abort();
    }
    kernel->next = first;
    first = kernel;
}

}  // namespace udml

#define UDML_VISIBLE extern "C" __attribute__((visibility("default")))

UDML_VISIBLE const udml::Kernel *udml_find_kernel(const char *name) { return udml::find(name); }

UDML_VISIBLE udml::KernelShape udml_shape_of(const udml::Kernel *kernel) {
    return {kernel->max_threads, kernel->arguments, kernel->sizes, kernel->types};
}
