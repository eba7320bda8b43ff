package main

import (
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestScriptsOnGPU runs the scripts on the GPU that REQUIRE_CUDA=1 asks for, the machine's own or the emulated one, and otherwise on
// the emulated one if it is built. Scripts about faults of a GPU need the emulated one.
func TestScriptsOnGPU(t *testing.T) {
	switch {
	case emulatedKernels() != "":
		parity.Took(t, parity.EmulatedName)
	case parity.Required():
		parity.Took(t, "the machine's own")
	default:
		t.Skip("the emulated GPU is not built, and no other is required (REQUIRE_CUDA=1)")
	}
	runScripts(t, filepath.Join("testdata", "gpu"))
}

// gpuDriver is the driver of the GPU that scripts use; "" for the machine's own or for none.
func gpuDriver() string {
	if parity.Required() {
		return os.Getenv("UDML_LIBCUDA")
	}
	file, err := filepath.Abs("../../build/emu/plain/libcuda.so.1")
	if _, missing := os.Stat(file); err != nil || missing != nil || !kernels.CUDABuilt() {
		return ""
	}
	return file
}

// emulatedKernels is the file of the emulated GPU's kernels, beside its driver; "" if that driver is not used.
func emulatedKernels() string {
	file := filepath.Join(filepath.Dir(gpuDriver()), "libudml_kernels.so")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}
