package kernels

import "sync"

// constants are the arrays of Constant of a device, by their bytes.
type constants struct {
	sync.Mutex
	arrays map[string]*Array
}

var allConstants PerDevice[*constants]

// Constant is an array of bytes on a GPU that no kernel changes, or that each leaves as it was: a list of addresses, counters that end at
// 0. Those of counters must not run beside each other (Device.Fork).
// Each call with the same bytes gives the same array, which is the device's until it is closed and does not count as live. Like any upload,
// the first call cannot be captured. On the CPU it panics.
func Constant(d *Device, data []byte) *Array {
	d.wantGPU("Constant")
	all := allConstants.Of(d, func() *constants { return &constants{arrays: map[string]*Array{}} }, (*constants).free)
	all.Lock()
	defer all.Unlock()
	if a := all.arrays[string(data)]; a != nil {
		return a
	}
	// A block of the pool would be missing to the next capture of a step.
	a := &Array{dev: d, dtype: Uint8, shape: []int{len(data)}, len: len(data), addr: d.gpu.allocNew(blockSize(len(data)))}
	Write(a, data)
	all.arrays[string(data)] = a
	return a
}

// free runs on the device's thread.
func (c *constants) free() {
	for _, a := range c.arrays {
		a.dev.giveBack(a)
	}
}
