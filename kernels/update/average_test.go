package update

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// TestAverage: each parameter is the mean of what it was and of what it follows, unless the step is skipped.
func TestAverage(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
		for _, skip := range []int32{0, 1} {
			for _, keep := range []float64{0, 0.3, 0.999, 1} {
				p, g := optest.Uniform(dev, dt, 1, -1, 1, 3, 7), optest.Uniform(dev, dt, 2, -1, 1, 3, 7)
				want := make([]float64, p.Len())
				for i := range want {
					want[i] = optest.Get(p, i)
					if skip == 0 {
						want[i] = keep*want[i] + (1-keep)*optest.Get(g, i)
					}
				}
				l := NewList([]*kernels.Array{p}, []*kernels.Array{g}, nil, nil, nil)
				l.Average(keep, kernels.Of(dev, []int32{skip}, 1))
				l.Free()
				bound := map[kernels.DType]float64{kernels.Float32: 3 * 0x1p-24, kernels.Float64: 1e-15}[dt]
				optest.Near(t, fmt.Sprint(dt, skip, keep), p, kernels.Of(dev, want, 3, 7), bound)
			}
		}
	}
}
