// Package machine is the machine that a run uses: its device, its memory, and what it is made of.
package machine

import (
	"errors"
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/depthwise"
	"udml-gpu/kernels/gemm"
)

// DeviceError is the error of a device that is missing, has failed or has too little memory; the program exits with
// code 5.
type DeviceError struct{ Message string }

// Error is the sentence for the user.
func (e *DeviceError) Error() string { return e.Message }

// ownGPU is the number of the GPU that --device auto and cuda mean in this process.
var ownGPU int

// TakeGPU says which GPU this process uses where --device is auto or cuda: one of several processes on a machine takes its own. It is
// called before a device is opened.
func TakeGPU(n int) { ownGPU = n }

// Open opens the device that --device names. auto is the first GPU (but see TakeGPU), or the CPU where no GPU can be used, with a
// warning if the machine seems to have one.
// The caller closes it. The CPU multiplies matrices whatever the device is, so Open also reports faults of its library.
func Open(c setting.Config, log zerolog.Logger) (*kernels.Device, error) {
	if err := gemm.BackendError(); err != nil {
		return nil, setting.Usage("%v", err)
	}
	if remark := gemm.BackendRemark(); remark != "" {
		log.Warn().Msg(remark)
	}
	keepBelowLimits()                                   // after the library was opened and has taken its memory
	precision, _ := kernels.ParsePrecision(c.Precision) // checked by Resolve
	if c.Device == "cpu" || c.Device == "auto" && !kernels.CUDABuilt() {
		return kernels.CPUAt(precision), nil
	}
	index, _ := c.GPUIndex()
	if c.Device == "auto" || c.Device == "cuda" {
		index = ownGPU
	}
	dev, err := kernels.CUDA(index, precision)
	if err == nil {
		err = errors.Join(conv.LibraryError(), gemm.LibraryError(), depthwise.LibraryError())
		if err == nil {
			dev.OnRemark(func(text string) { log.Warn().Msg(text) })
			return dev, nil
		}
		dev.Close()
	}
	var none *kernels.UnavailableError
	if c.Device == "auto" && (errors.As(err, &none) || errors.Is(err, kernels.ErrNoKernels)) {
		if os.Getenv("UDML_LIBCUDA") != "" || hasGPU("/") { // on a machine without one there is nothing to put right
			log.Warn().Msg(err.Error() + "; going on with the CPU")
		}
		return kernels.CPUAt(precision), nil
	}
	return nil, &DeviceError{fmt.Sprintf("--device %s: %v%s", c.Device, err, cpuHint(c, err))}
}

// cpuHint says how to run on the CPU, where err is that there is no such GPU.
func cpuHint(c setting.Config, err error) string {
	var none *kernels.UnavailableError
	if c.Device != "auto" && errors.As(err, &none) {
		return "; --device auto or cpu runs on the CPU"
	}
	return ""
}

// Fault is the device's first fault, as an error with what to do about it; nil where there is none. It does not wait.
func Fault(dev *kernels.Device) error {
	err := dev.Err()
	var memory *kernels.MemoryError
	var gone *dist.PeerError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &gone): // the device waited for another rank
		return gone
	case errors.As(err, &memory):
		return &DeviceError{memory.Error() + ": lower --batch, --size or --clusters"}
	}
	if os.Getenv("UDML_SYNC") == "1" {
		return &DeviceError{fmt.Sprintf("%s failed: %v", dev.Name(), err)}
	}
	return &DeviceError{fmt.Sprintf("%s failed: %v; UDML_SYNC=1 tells which kernel it was", dev.Name(), err)}
}
