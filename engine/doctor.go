package engine

import (
	"runtime"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// Finding is one line of what this machine has and what of it is used.
type Finding struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Note  string `json:"note,omitempty"`
}

// Doctor looks at the machine. c (resolved) is the setting whose step memory is reported.
func Doctor(c Config) ([]Finding, error) {
	e := currentEnvironment(kernels.CPU())
	list := []Finding{
		{"go", runtime.Version(), ""},
		{"cpu", e.CPU, ""},
		{"cores", itoa(runtime.GOMAXPROCS(0)), "all are used; results do not depend on how many (GOMAXPROCS limits them)"},
		{"blas", gemm.Backend(), blasNote()},
		{"gpu", "none", "this build has no CUDA backend; everything runs on the CPU"},
		{"jpeg", e.JPEG, "Go's decoder, chroma upsampled as libjpeg does"},
	}
	if err := CheckMemory(c, c.Batch); err != nil {
		return nil, err
	}
	bytes, err := StepMemory(c)
	if err != nil {
		return nil, err
	}
	return append(list, Finding{"step memory", itoa(bytes>>20) + " MiB", "activations and gradients of " + c.Backbone +
		" at " + itoa(c.Size) + " px, batch " + itoa(c.Batch) + "; --batch changes it"}), nil
}

func blasNote() string {
	if gemm.Backend() == "gonum" {
		return "pure Go: right, but slow; install OpenBLAS (Debian: libopenblas0) for several times the speed"
	}
	return "opened at run time"
}
