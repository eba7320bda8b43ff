package machine

import (
	"cmp"
	"fmt"
	"runtime"

	"golang.org/x/sys/cpu"

	"udml-gpu/engine/data/picture"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/depthwise"
	"udml-gpu/kernels/gemm"
)

// Environment is what the bytes of a result depend on besides settings and data.
type Environment struct {
	BLAS      string `json:"blas"`
	Conv      string `json:"conv"` // "" in runs of versions that had only their own code
	CPU       string `json:"cpu"`
	JPEG      string `json:"jpeg"`
	Go        string `json:"go"`
	Device    string `json:"device"`
	Precision string `json:"precision"`
}

// CurrentEnvironment is the environment of this process with dev.
func CurrentEnvironment(dev *kernels.Device) Environment {
	convolution, _ := conv.Backend()
	return Environment{
		BLAS: gemm.Backend(), Conv: convolution, CPU: runtime.GOARCH + cpuFeatures(), JPEG: picture.JPEGDecoder(), Go: runtime.Version(),
		Device: deviceText(dev), Precision: dev.Precision().String(),
	}
}

// deviceText describes the device as far as the bytes of a result depend on it; equal GPUs have the same text.
func deviceText(dev *kernels.Device) string {
	if !dev.CUDA() {
		return dev.Name()
	}
	driver, _ := kernels.Driver()
	convolution, _ := conv.BackendOf(dev)
	product, _ := gemm.BackendOf(dev)
	text := fmt.Sprintf("%s, compute capability %s, CUDA %s, convolution by %s, products by %s",
		dev.Info().Name, dev.Info().Capability(), driver, convolution, product)
	if name, _ := depthwise.BackendOf(dev); name != "own kernels" { // which every earlier version had
		text += ", depthwise convolution by " + name
	}
	return text
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

// Differences lists the fields in which now differs from e, as "blas was gonum, here OpenBLAS".
func (e Environment) Differences(now Environment) []string {
	var d []string
	for _, p := range [][3]string{
		{"blas", e.BLAS, now.BLAS},
		{"conv", cmp.Or(e.Conv, conv.OwnCode), cmp.Or(now.Conv, conv.OwnCode)},
		{"cpu", e.CPU, now.CPU},
		{"jpeg", e.JPEG, now.JPEG},
		{"go", e.Go, now.Go},
		{"device", e.Device, now.Device},
		{"precision", e.Precision, now.Precision},
	} {
		if p[1] != p[2] {
			d = append(d, fmt.Sprintf("%s was %s, here %s", p[0], p[1], p[2]))
		}
	}
	return d
}
