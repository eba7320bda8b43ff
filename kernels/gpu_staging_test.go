package kernels_test

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
)

// TestGPUStaging: data sent have arrived for ops after Arrive, and the memory may be written after Wait.
func TestGPUStaging(t *testing.T) {
	dev := fresh(t)
	s := dev.NewStaging(4000)
	defer s.Free()
	x, y := dev.New(kernels.Float32, 1000), dev.New(kernels.Float32, 1000)
	for i := range 5 {
		if i > 0 {
			s.Wait()
		}
		for j, h := 0, kernels.StagingOf[float32](s, 0, 1000); j < 1000; j++ {
			h[j] = float32(i * j)
		}
		s.Send(x)
		s.Arrive()
		join.AddTo(y, x)
	}
	if got := kernels.Read[float32](y); got[999] != 9990 || got[1] != 10 {
		t.Errorf("got %v, %v", got[1], got[999])
	}
	x.Free()
	y.Free()
}
