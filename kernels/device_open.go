package kernels

import (
	"fmt"

	"udml-gpu/cgo/cuda"
)

// Precision is how a GPU multiplies matrices.
type Precision uint8

// The precisions. Sums are kept in float32 in all of them.
const (
	FP32 Precision = iota // as exact as float32 multiplication; on tensor cores by splitting each number in two
	TF32                  // factors rounded to 10 bits of mantissa
	BF16                  // factors rounded to 7 bits of mantissa
)

// String is the name that flags use.
func (p Precision) String() string {
	names := [...]string{"fp32", "tf32", "bf16"}
	if int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("precision(%d)", uint8(p))
}

// ParsePrecision is the precision of that name.
func ParsePrecision(name string) (Precision, error) {
	for p := FP32; p <= BF16; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return FP32, fmt.Errorf("%q is not known: expected fp32, tf32 or bf16", name)
}

// UnavailableError says why there is no such GPU to use. A program that may choose the device itself then uses the CPU.
type UnavailableError struct{ Reason string }

// Error is the reason.
func (e *UnavailableError) Error() string { return e.Reason }

func unavailable(format string, args ...any) error {
	return &UnavailableError{fmt.Sprintf(format, args...)}
}

// FindCUDA describes GPU number index. An UnavailableError says why it cannot be used.
func FindCUDA(index int) (cuda.Info, error) {
	if p := cuda.Problem(); p != "" {
		return cuda.Info{}, unavailable("no GPU can be used: %s", p)
	}
	if v := cuda.DriverVersion(); v < needDriver() {
		return cuda.Info{}, unavailable("the driver supports CUDA %s, and this program needs %s or newer: update the NVIDIA driver",
			cuda.VersionText(v), cuda.VersionText(needDriver()))
	}
	if n := cuda.Count(); index < 0 || index >= n {
		return cuda.Info{}, unavailable("there is no GPU number %d: this machine has %d, counted from 0", index, n)
	}
	info, err := cuda.Describe(index)
	if err != nil {
		return info, err
	}
	if info.Major < cuda.NeedMajor {
		return info, unavailable("cuda:%d (%s) has compute capability %s, and the kernels need %d.0 or newer",
			index, info.Name, info.Capability(), cuda.NeedMajor)
	}
	if info.SharedPerBlock < MostShared {
		return info, unavailable("cuda:%d (%s) allows %d KiB of shared memory for a block of threads, and the kernels need %d",
			index, info.Name, info.SharedPerBlock>>10, MostShared>>10)
	}
	return info, nil
}

// CUDA opens GPU number index. An UnavailableError says that there is none; other errors, that it failed.
// Close gives it back.
func CUDA(index int, p Precision) (*Device, error) {
	info, err := FindCUDA(index)
	if err != nil {
		return nil, err
	}
	g := &gpu{index: index, info: info, precision: p, queue: make(chan command, queueLength)}
	if err := g.start(); err != nil {
		return nil, err
	}
	return &Device{name: fmt.Sprintf("cuda:%d", index), gpu: g}, nil
}

// Precision is how the device multiplies matrices, and with BF16 how it stores maps; on the CPU the latter alone.
func (d *Device) Precision() Precision {
	if d.gpu == nil {
		return d.precision
	}
	return d.gpu.precision
}

// Info describes a GPU; the zero value on the CPU.
func (d *Device) Info() cuda.Info {
	if d.gpu == nil {
		return cuda.Info{}
	}
	return d.gpu.info
}

// PoisonScratch makes Scratch fill memory with NaN from now on, so that a test notices an op that reads before it has written.
func (d *Device) PoisonScratch() {
	if d.gpu != nil {
		d.gpu.poison.Store(true)
	}
}

// CUDABuilt says whether this build has the CUDA backend at all.
func CUDABuilt() bool { return cuda.Built }

// Driver describes the CUDA driver of this machine: its version, such as "13.0", and its file; empty without one.
func Driver() (version, file string) {
	if v := cuda.DriverVersion(); v > 0 {
		version = cuda.VersionText(v)
	}
	return version, cuda.DriverFile()
}

// CUDACount is the number of GPUs that the driver shows.
func CUDACount() int { return cuda.Count() }

// DriverProblem is why the driver shows no GPU; "" where it does.
func DriverProblem() string { return cuda.Problem() }
