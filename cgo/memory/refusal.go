//go:build cgo && linux

package memory

/*
#cgo LDFLAGS: -Wl,--wrap=mmap -Wl,--wrap=pthread_create -Wl,--wrap=malloc
*/
import "C"

// Effective says whether this build has it.
const Effective = true
