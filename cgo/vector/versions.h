// Needed by all loops here: a version for each kind of vector unit, and products that are rounded before they are
// added, as Go rounds them on this architecture (GCC by -std=c11, clang by the pragma).
#ifndef UDML_VERSIONS_H
#define UDML_VERSIONS_H

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=haswell", "default")))
#else
#define VERSIONS
#endif

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

// Arrays that are the same or do not overlap at all, so that no pass of the loop reads what another one wrote.
#define SAME_OR_APART _Pragma("GCC ivdep")

#endif
