//go:build cgo && cuda

package cuda

/*
#include "sibling.h"
#include <stdlib.h>
*/
import "C"

import (
	"reflect"
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// Built says whether the CUDA backend is part of this build.
const Built = true

// Problem is why no device can be used, such as a missing driver; "" where one can.
func Problem() string {
	if p := C.GoString(C.udml_cuda_driver_problem()); p != "" {
		return p
	}
	if Count() == 0 {
		return "the driver finds no CUDA device"
	}
	return ""
}

// DriverFile is the file of the driver, "" when there is none.
func DriverFile() string { return C.GoString(C.udml_cuda_driver_file()) }

// DriverVersion is the CUDA version of the driver, such as 13000; 0 without one.
func DriverVersion() int { return max(cu.Version(), 0) }

// Count is the number of devices.
func Count() int {
	n, err := cu.NumDevices()
	if err != nil {
		return 0
	}
	return n
}

// sharedPerBlock has no name in cu.
const sharedPerBlock = cu.DeviceAttribute(C.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)

// Describe is the description of device i.
func Describe(i int) (Info, error) {
	d, err := cu.GetDevice(i)
	if err != nil {
		return Info{}, failed("cuDeviceGet", err)
	}
	info := Info{}
	if info.Name, err = d.Name(); err != nil {
		return Info{}, failed("cuDeviceGetName", err)
	}
	if info.Memory, err = d.TotalMem(); err != nil {
		return Info{}, failed("cuDeviceTotalMem", err)
	}
	id, err := d.UUID()
	if err != nil {
		return Info{}, failed("cuDeviceGetUuid", err)
	}
	info.UUID = id.String()
	for _, a := range []struct {
		what cu.DeviceAttribute
		to   *int
	}{
		{cu.ComputeCapabilityMajor, &info.Major},
		{cu.ComputeCapabilityMinor, &info.Minor},
		{cu.MultiprocessorCount, &info.Multiprocessors},
		{sharedPerBlock, &info.SharedPerBlock},
		{cu.MaxSharedMemoryPerMultiprocessor, &info.Shared},
		{cu.MaxRegistersPerMultiprocessor, &info.Registers},
		{cu.MaxThreadsPerMultiprocessor, &info.Threads},
		{cu.L2CacheSize, &info.L2},
		{cu.ClockRate, &info.ClockKHz},
		{cu.MemoryClockRate, &info.MemoryClockKHz},
		{cu.GlobalMemoryBusWidth, &info.MemoryBusBits},
	} {
		if *a.to, err = d.Attribute(a.what); err != nil {
			return Info{}, failed("cuDeviceGetAttribute", err)
		}
	}
	return info, nil
}

// failed is an error of cu with the call's name, the code and the driver's text. cu does not export the code's type.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Int {
		return &Error{Call: call, Code: -1, Name: "unknown error", Text: err.Error()}
	}
	return status(call, C.int(v.Int()))
}

// status is a result of the sibling API as an error.
func status(call string, code C.int) error {
	if code == 0 {
		return nil
	}
	return &Error{
		Call: call, Code: int(code), Name: C.GoString(C.udml_cuda_error_name(code)),
		Text: C.GoString(C.udml_cuda_error_text(code)),
	}
}

// Context is the primary context of a device.
type Context struct {
	device cu.Device
	ctx    cu.CUContext
}

// Open makes the primary context of device i current in the calling thread, from which all later calls must come.
func Open(i int) (*Context, error) {
	d, err := cu.GetDevice(i)
	if err != nil {
		return nil, failed("cuDeviceGet", err)
	}
	ctx, err := d.RetainPrimaryCtx()
	if err != nil {
		return nil, failed("cuDevicePrimaryCtxRetain", err)
	}
	if err := cu.SetCurrentContext(ctx); err != nil {
		return nil, failed("cuCtxSetCurrent", err)
	}
	return &Context{d, ctx}, nil
}

// Close gives the primary context back.
func (c *Context) Close() error {
	return failed("cuDevicePrimaryCtxRelease", c.device.ReleasePrimaryCtx())
}

// Module is a set of compiled kernels.
type Module struct{ m cu.Module }

// Load loads a fatbin or PTX.
func (c *Context) Load(image []byte) (Module, error) {
	m, err := cu.LoadData(string(image))
	return Module{m}, failed("cuModuleLoadData", err)
}

// Unload gives the module back.
func (m Module) Unload() error { return failed("cuModuleUnload", m.m.Unload()) }

// Function is a kernel.
type Function struct {
	f    cu.Function
	name string
}

// Function finds a kernel of the module.
func (m Module) Function(name string) (Function, error) {
	f, err := m.m.Function(name)
	return Function{f, name}, failed("cuModuleGetFunction "+name, err)
}

// Types asks the emulated driver for the types of a kernel's parameters: a letter each, as cgo/emu/registry.h has them. NVIDIA's
// driver does not know them: known is then false, as for a kernel that does not exist.
func (m Module) Types(kernel string) (types string, known bool) {
	ask := findTypes()
	if ask == nil {
		return "", false
	}
	name := C.CString(kernel)
	defer C.free(unsafe.Pointer(name))
	t := C.udml_cuda_ask_types(ask, name)
	return C.GoString(t), t != nil
}

// findTypes is asked of the driver once: a program has one.
var findTypes = sync.OnceValue(func() C.udml_cuda_types { return C.udml_cuda_find_types() })

// SetShared allows the kernel that many bytes of dynamic shared memory; more than 48 KiB must be asked for. The driver is asked
// to make as much of a multiprocessor's memory shared memory, and as little of it cache, as it can, so that two blocks fit where they may.
func (f Function) SetShared(bytes int) error {
	return status("cuFuncSetAttribute "+f.name, C.udml_cuda_set_shared(f.handle(), C.int(bytes)))
}

// Occupancy is that of launches with blocks of so many threads and bytes of dynamic shared memory.
func (f Function) Occupancy(threads, shared int) (Occupancy, error) {
	var registers, static, local, blocks C.int
	err := status("cuOccupancyMaxActiveBlocksPerMultiprocessor "+f.name,
		C.udml_cuda_occupancy(f.handle(), C.int(threads), C.size_t(shared), &registers, &static, &local, &blocks))
	return Occupancy{int(registers), int(static), int(local), int(blocks)}, err
}

// handle is the driver's own, which cu does not show: its Function is that one pointer.
func (f Function) handle() C.CUfunction { return *(*C.CUfunction)(unsafe.Pointer(&f.f)) }

// Launch queues the kernel. Each argument is 8 bytes, of which the kernel reads as many as its parameter has. cu's own Launch
// writes pointers into memory from malloc through Go's write barrier: a garbage collection that runs at the time takes the old content
// of that memory, such as the address of a slice, for a pointer that is overwritten, and the program crashes.
func (f Function) Launch(grid, block [3]int, shared int, s Stream, args []uint64) error {
	code := C.udml_cuda_launch(f.handle(), C.uint(grid[0]), C.uint(grid[1]), C.uint(grid[2]), C.uint(block[0]), C.uint(block[1]),
		C.uint(block[2]),
		C.uint(shared), s.handle(), (*C.ulonglong)(unsafe.Pointer(unsafe.SliceData(args))), C.int(len(args)))
	if code == 0 {
		return nil
	}
	return status("cuLaunchKernel "+f.name, code)
}
