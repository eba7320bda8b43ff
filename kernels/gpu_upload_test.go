package kernels_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
)

// TestGPUWritesMoreThanItsBuffers: an array of several bounce buffers arrives whole, and in order with the ops around it.
func TestGPUWritesMoreThanItsBuffers(t *testing.T) {
	dev := fresh(t)
	host := make([]float32, 3<<20+7)
	a, sum := dev.New(kernels.Float32, len(host)), dev.New(kernels.Float32, len(host))
	for round := range 2 {
		for i := range host {
			host[i] = float32(i%1000 + round)
		}
		kernels.Write(a, host)
		clear(host) // Write has taken them
		join.AddTo(sum, a)
	}
	for i, v := range kernels.Read[float32](sum) {
		if want := float32(2*(i%1000) + 1); v != want {
			t.Fatalf("element %d is %g, want %g", i, v, want)
		}
	}
	a.Free()
	sum.Free()
}
