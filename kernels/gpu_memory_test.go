package kernels_test

import (
	"strings"
	"testing"

	"udml-gpu/kernels"
)

// TestGPUOutOfMemory: an array that does not fit is a fault that gives the sizes asked for and free.
func TestGPUOutOfMemory(t *testing.T) {
	dev := fresh(t)
	_, total := dev.MemoryInfo()
	keep := dev.New(kernels.Uint8, 1<<20)
	keep.Free() // the pool keeps it: the driver must get it back before the fault
	dev.New(kernels.Uint8, int(total)+1).Free()
	err := dev.Err()
	memory, ok := err.(*kernels.MemoryError)
	if !ok || memory.Asked < total || memory.Free > total || !strings.Contains(err.Error(), "has no room for another") {
		t.Fatalf("error %v", err)
	}
}
