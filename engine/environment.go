package engine

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/cpu"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// Environment is what the bytes of a result depend on beside the settings.
type Environment struct {
	BLAS      string `json:"blas"`
	CPU       string `json:"cpu"`
	JPEG      string `json:"jpeg"`
	Go        string `json:"go"`
	Device    string `json:"device"`
	Precision string `json:"precision"`
}

func currentEnvironment(dev *kernels.Device) Environment {
	return Environment{
		BLAS: gemm.Backend(), CPU: runtime.GOARCH + cpuFeatures(), JPEG: "go", Go: runtime.Version(), Device: dev.Name(), Precision: "fp32",
	}
}

func cpuFeatures() string {
	s := ""
	for _, f := range []struct {
		name string
		has  bool
	}{{"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA}, {"avx512", cpu.X86.HasAVX512F}, {"neon", cpu.ARM64.HasASIMD}} {
		if f.has {
			s += "+" + f.name
		}
	}
	return s
}

// Differs lists what now has otherwise, as "blas: gonum, here OpenBLAS".
func (e Environment) Differs(now Environment) []string {
	var d []string
	for _, p := range [][3]string{
		{"blas", e.BLAS, now.BLAS}, {"cpu", e.CPU, now.CPU}, {"jpeg", e.JPEG, now.JPEG}, {"go", e.Go, now.Go},
		{"device", e.Device, now.Device}, {"precision", e.Precision, now.Precision},
	} {
		if p[1] != p[2] {
			d = append(d, fmt.Sprintf("%s was %s, here %s", p[0], p[1], p[2]))
		}
	}
	return d
}
