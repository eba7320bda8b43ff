//go:build !cgo || !linux

package memory

// Effective says whether this build has it.
const Effective = false
