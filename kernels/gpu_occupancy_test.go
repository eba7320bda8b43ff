package kernels_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// TestGPUOccupancies: each kernel that is launched has blocks that fit on a multiprocessor, together with its memory; what is queued
// before and after is not asked for.
func TestGPUOccupancies(t *testing.T) {
	dev := fresh(t)
	x, vals, idx := dev.New(kernels.Float32, 300, 8), dev.New(kernels.Float32, 300, 3), dev.New(kernels.Int32, 300, 3)
	x.Zero()
	search := func() { distance.TopK(vals, idx, x, x, distance.InnerProduct, 0) }
	search()
	launched := dev.Count(search)
	list := dev.Occupancies(search)
	search()
	info := dev.Info()
	sums := map[string]int{}
	for _, o := range list {
		sums[o.Kernel] += o.Launches
		fits := o.Blocks >= 1 && o.Blocks*o.Threads <= info.Threads && o.Blocks*o.Shared <= info.Shared &&
			o.Blocks*o.Threads*o.Registers <= info.Registers
		if !fits || o.Share != float64(o.Blocks*o.Threads)/float64(info.Threads) || !(o.Share > 0 && o.Share <= 1) || o.Registers < 1 {
			t.Errorf("%+v of %+v", o, info)
		}
	}
	for kernel, n := range sums {
		if launched[kernel] != n {
			t.Errorf("%s: %d launches, want %d", kernel, n, launched[kernel])
		}
	}
	if len(sums) < 2 || len(dev.Occupancies(func() {})) != 0 {
		t.Errorf("%d kernels", len(sums))
	}
}
