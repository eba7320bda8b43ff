#ifndef UDML_SYMBOLS_H
#define UDML_SYMBOLS_H

// The function of that name in a build of OpenBLAS, with any of the known prefixes and suffixes, or NULL. It takes int, also where the
// library's own integers have 64 bits.
void *udml_blas_symbol(void *lib, const char *name);

// The function of LAPACK of that name, or NULL; wide says whether its integers have 64 bits.
void *udml_blas_lapack(void *lib, const char *name, int *wide);

#endif
