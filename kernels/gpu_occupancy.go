package kernels

import (
	"cmp"
	"maps"
	"slices"
)

// Occupancy is how many blocks of a kernel a multiprocessor holds at a time, in launches with blocks of one size, as the driver says it
// (cuOccupancyMaxActiveBlocksPerMultiprocessor).
type Occupancy struct {
	Kernel    string  `json:"kernel"`
	Launches  int     `json:"launches"`
	Threads   int     `json:"threads_per_block"`
	Shared    int     `json:"shared_bytes_per_block"` // static and dynamic
	Registers int     `json:"registers_per_thread"`
	Local     int     `json:"local_bytes_per_thread"` // registers that were spilled, and arrays that are no registers
	Blocks    int     `json:"blocks_per_multiprocessor"`
	Share     float64 `json:"occupancy"` // of the threads that a multiprocessor can hold
}

// shape is the launches of a kernel with blocks of one size.
type shape struct {
	kernel          *Kernel
	threads, shared int
}

// Occupancies calls f, which queues ops, and is the occupancy of each kernel that they launch, by name and size of the blocks. It waits
// for the driver, not for the device; on the CPU it panics.
func (d *Device) Occupancies(f func()) (list []Occupancy) {
	d.wantGPU("Occupancies")
	d.gpu.now(func(t *thread) error {
		t.shapes = map[shape]int{}
		return nil
	})
	f()
	done := make(chan struct{})
	d.gpu.queue <- command{always: true, done: done, run: func(t *thread) (err error) {
		shapes := t.shapes
		t.shapes = nil
		list, err = t.occupancies(shapes, d.Info().Threads)
		return err
	}}
	<-done
	return list
}

// occupancies asks the driver for those of shapes, with so many threads on a multiprocessor at most.
func (t *thread) occupancies(shapes map[shape]int, most int) ([]Occupancy, error) {
	var list []Occupancy
	for s, launches := range maps.All(shapes) {
		l, err := t.function(s.kernel)
		if err != nil {
			return nil, err
		}
		o, err := l.f.Occupancy(s.threads, s.shared)
		if err != nil {
			return nil, err
		}
		list = append(list, Occupancy{
			Kernel: s.kernel.name, Launches: launches, Threads: s.threads, Shared: o.Static + s.shared, Registers: o.Registers,
			Local: o.Local, Blocks: o.Blocks, Share: float64(o.Blocks*s.threads) / float64(max(1, most)),
		})
	}
	slices.SortFunc(list, func(a, b Occupancy) int {
		return cmp.Or(cmp.Compare(a.Kernel, b.Kernel), cmp.Compare(a.Threads, b.Threads), cmp.Compare(a.Shared, b.Shared))
	})
	return list, nil
}
