// The name of the sources a module was compiled from, as a kernel that is never launched: a host that looks up
// udml_sources_<hash> and does not find it has kernels of another version than its launchers.
#include "kernel.cuh"

#ifdef UDML_SOURCES
#define UDML_SOURCES_KERNEL_OF(hash) KERNEL(udml_sources_##hash)
#define UDML_SOURCES_KERNEL(hash) UDML_SOURCES_KERNEL_OF(hash)
UDML_SOURCES_KERNEL(UDML_SOURCES) {}
#endif
