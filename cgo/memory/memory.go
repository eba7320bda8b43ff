// Package memory ends the program with one sentence and exit code 5 when the system refuses it memory. Go's own answer is a dump of
// all goroutines and exit code 2, and nothing written in Go can change it. But in a build with cgo on Linux Go asks for memory and threads
// through the C library, and there the linker puts this package in between (refusal.c).
//
// Importing it is enough. A build without cgo has none of it, and ends as Go does.
package memory
