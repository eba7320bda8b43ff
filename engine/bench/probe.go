package bench

import (
	"udml-gpu/cgo/cuda"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
)

// Card is what the driver says of a GPU. Shared memory, registers and threads are those of one multiprocessor.
type Card struct {
	Multiprocessors int   `json:"multiprocessors"`
	ClockMHz        int   `json:"clock_mhz"` // the highest
	MemoryMHz       int   `json:"memory_clock_mhz"`
	MemoryBits      int   `json:"memory_bus_bits"`
	MemoryBytes     int64 `json:"memory_bytes"`
	L2Bytes         int   `json:"l2_bytes"`
	SharedBytes     int   `json:"shared_bytes_per_multiprocessor"`
	SharedPerBlock  int   `json:"shared_bytes_per_block"` // that a block may ask for
	Registers       int   `json:"registers_per_multiprocessor"`
	Threads         int   `json:"threads_per_multiprocessor"`
}

func cardOf(i cuda.Info) Card {
	return Card{
		Multiprocessors: i.Multiprocessors, ClockMHz: i.ClockKHz / 1000, MemoryMHz: i.MemoryClockKHz / 1000, MemoryBits: i.MemoryBusBits,
		MemoryBytes: i.Memory, L2Bytes: i.L2, SharedBytes: i.Shared, SharedPerBlock: i.SharedPerBlock, Registers: i.Registers,
		Threads: i.Threads,
	}
}

// Ceiling is the most that the same run has measured: the rate of a copy within the GPU's memory, and the best of the matrix products, by
// cuBLASLt or the program's own kernel (GPUBench.Products). 0: not measured.
type Ceiling struct {
	FLOPs float64 `json:"tflop_per_s"`
	Bytes float64 `json:"gbytes_per_s"`
}

// hold finds the ceiling among the kernels, and says how near each comes to it.
func (r *GPUBench) hold() {
	for _, k := range r.Kernels {
		switch k.Kernel {
		case copyRow:
			r.Ceiling.Bytes = k.GBytes
		case productRow:
			r.Ceiling.FLOPs = max(r.Ceiling.FLOPs, k.TFLOPs)
		}
	}
	if r.Ceiling.FLOPs == 0 || r.Ceiling.Bytes == 0 {
		return
	}
	for i := range r.Kernels {
		k := &r.Kernels[i]
		k.OfCeiling = max(k.TFLOPs/r.Ceiling.FLOPs, k.GBytes/r.Ceiling.Bytes)
	}
}

// Probe is what can be said of a GPU and of search on it in a minute: the card, the ceilings of memory and arithmetic, and the kernels of
// search and clustering with their occupancy. scale, in (0,1], reduces the sizes. It is a UsageError on the CPU.
func Probe(c setting.Config, scale float64, ui images.UI) (*GPUBench, error) {
	dev, err := machine.Open(c, ui.Log)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	if !dev.CUDA() {
		return nil, setting.Usage("--what probe is for a GPU: expected --device cuda, and %s was opened", dev.Name())
	}
	b := newGPUBench(dev, scale)
	b.probe = true
	return b.measure(b.copies, b.products, b.assign, b.search, b.lloyd, b.pairwise)
}
