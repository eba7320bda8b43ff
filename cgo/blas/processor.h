// Features of AMD's processors of 1998 to 2017 that golang.org/x/sys/cpu does not know, and that kernels of OpenBLAS use.
#ifndef UDML_PROCESSOR_H
#define UDML_PROCESSOR_H

#if defined(__x86_64__)
#include <cpuid.h>

// One bit of the registers in which processors report their extensions.
static inline int udml_processor_extended(int in_ecx, int bit) {
	unsigned eax, ebx, ecx, edx;
	return __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (in_ecx ? ecx : edx) >> bit & 1;
}
static inline int udml_processor_fma4(void) { return udml_processor_extended(1, 16); }
static inline int udml_processor_3dnow(void) { return udml_processor_extended(0, 31); }
#else
static inline int udml_processor_fma4(void) { return 0; }
static inline int udml_processor_3dnow(void) { return 0; }
#endif

#endif
