package whiten

import (
	"math"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// pictures are n rows of a few distinct ones, with noise relative to the row's length over the root of the columns.
func pictures(n, distinct, c int, offset, noise float64) *kernels.Array {
	dev := kernels.CPU()
	base, off := optest.Uniform(dev, kernels.Float64, 1, 0, 1, distinct, c), optest.Uniform(dev, kernels.Float64, 2, -1, 1, n, c)
	x := dev.New(kernels.Float32, n, c)
	for i := range n {
		for p := range c {
			optest.Set(x, i*c+p, offset+optest.Get(base, i%distinct*c+p)+noise*(1+offset)*optest.Get(off, i*c+p))
		}
	}
	return x
}

// TestRoundingIsNotWhitened: identical images whose features differ only by rounding have nothing to whiten, and a few pictures have as
// many directions as they differ in. Rounding is not scaled up, so that equal pictures stay equal.
func TestRoundingIsNotWhitened(t *testing.T) {
	for _, c := range []struct {
		n, distinct, columns int
		offset, noise        float64
	}{
		{24, 1, 512, 0, 1e-6},
		{24, 1, 512, 100, 2e-7},
		{7, 1, 64, 0, 1e-6},
		{2, 1, 8, 0, 3e-7},
		{600, 1, 64, 0, 1e-6},
		{24, 2, 512, 0, 1e-6},
		{24, 3, 512, 10, 3e-7},
		{65, 5, 64, 0, 1e-6},
		{600, 4, 64, 0, 1e-6},
	} {
		x := pictures(c.n, c.distinct, c.columns, c.offset, c.noise)
		f, err := Fit(x, 128, 0.75)
		if c.distinct == 1 {
			if err == nil || !strings.Contains(err.Error(), "are the same, there is nothing to whiten") {
				t.Errorf("%+v: error %v", c, err)
			}
			continue
		}
		if err != nil || f.Dim() != c.distinct-1 {
			t.Errorf("%+v: %v, %v", c, f, err)
			continue
		}
		y, d := kernels.Data[float32](f.Apply(x)), f.Dim()
		for i := range c.n {
			var dot, a, b float64
			for p := range d {
				u, v := float64(y[i*d+p]), float64(y[i%c.distinct*d+p])
				dot, a, b = dot+u*v, a+u*u, b+v*v
			}
			if !(dot >= 0.999*math.Sqrt(a*b)) {
				t.Errorf("%+v: image %d has cosine %g with the same picture", c, i, dot/math.Sqrt(a*b))
			}
		}
	}
}

// TestSmallDifferencesAreWhitened: features that vary little beside their mean, but more than rounding, are whitened: columns around 1
// that differ in the fourth digit.
func TestSmallDifferencesAreWhitened(t *testing.T) {
	x := optest.Uniform(kernels.CPU(), kernels.Float32, 1, 1, 1.001, 300, 16)
	if f, err := Fit(x, 16, 0.75); err != nil || f.Dim() != 16 {
		t.Errorf("%v, %v", f, err)
	}
	for i := range 300 {
		optest.Set(x, i*16+3, 0.7) // a constant column
	}
	if f, err := Fit(x, 16, 0.75); err != nil || f.Dim() != 15 {
		t.Errorf("with a constant column: %v, %v", f, err)
	}
}
