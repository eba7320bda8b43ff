package parity

import (
	"testing"

	"udml-gpu/kernels"
)

// Rounded is a GPU on which factors of products are rounded.
type Rounded struct {
	*kernels.Device
	rounding float64 // of a factor, relative
}

// AtPrecisions runs f on the GPU with each precision that rounds factors: to 10 bits of mantissa, and to 7.
func AtPrecisions(t *testing.T, f func(t *testing.T, dev Rounded)) {
	t.Helper()
	for precision, rounding := range map[kernels.Precision]float64{kernels.TF32: 0x1p-11, kernels.BF16: 0x1p-8} {
		OnGPU(t, func(t *testing.T, _ *kernels.Device) {
			dev, err := kernels.CUDA(0, precision)
			if err != nil {
				t.Fatal(err)
			}
			defer dev.Close()
			f(t, Rounded{dev, rounding})
		})
	}
}

// Check compares the worst error of a room's sums of products, relative to the sum of their absolute values. Each product
// is off by the rounding of its two factors, and the sum by bound, as without rounding. The own kernels must make use
// of the precision: an error of more than 16 units of float32, which the sums tested never have otherwise, shows it.
// backend is the room's BackendOf.
func (r Rounded) Check(t *testing.T, name string, worst, bound float64, backend func(*kernels.Device) (name, why string)) {
	t.Helper()
	bound += 2*r.rounding + r.rounding*r.rounding
	library, _ := backend(r.Device)
	if !(worst <= bound) || library == "own kernels" && worst <= 0x1p-20 {
		t.Errorf("%v %s: off by %.2g of the sum of absolute products, bound %.2g", r.Precision(), name, worst, bound)
	}
}
