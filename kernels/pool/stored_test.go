package pool

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// half is half the step from 1 to the next bfloat16: 1 + half becomes 1.
const half = 0x1p-8

// TestStoredRoundsOnce: sums are not rounded to bfloat16 on the way, in which 1 + half + half would stay 1.
func TestStoredRoundsOnce(t *testing.T) {
	s := Spec{Kernel: 3, Stride: 1, Pad: 1} // of 9 pixels each, and all of them hold the one in the middle
	for _, dev := range parity.Devices(t) {
		at := newArray(t, dev, []uint8{5, 4, 3}, 1, 1, 3, 1)
		row := func(v ...float32) *kernels.Array { return newArray(t, dev, brains(v), 1, 1, 3, 1) }
		y, dx, dmax := row(5, 5, 5), row(5, 5, 5), row(5, 5, 5)
		Average(y, row(9, 9*half, 9*half), s)
		AverageBackward(dx, row(9, 9*half, 9*half), s)
		MaxBackward(dmax, row(1, half, half), at, s)
		wantBrains(t, "average", y, 1, 1+2*half, 2*half)
		wantBrains(t, "gradient of average", dx, 1, 1+2*half, 2*half)
		wantBrains(t, "gradient of maximum", dmax, 0, 1+2*half, 0)
	}
}

// TestStoredAccumulates: a share of little more than half is added to 1 before it is rounded, as which it would be half.
func TestStoredAccumulates(t *testing.T) {
	const share = half + 0x1p-18
	for _, dev := range parity.Devices(t) {
		features := func(v float32) *kernels.Array { return newArray(t, dev, []float32{v}, 1, 1) }
		ones := func() *kernels.Array { return newArray(t, dev, brains([]float32{1, 1}), 1, 1, 2, 1) }
		mean, largest, gem := ones(), ones(), ones()
		GlobalBackward(mean, features(2*share), true)
		GlobalMaxBackward(largest, features(share), newArray(t, dev, []int32{1}, 1, 1), true)
		GeMBackward(gem, features(2*share), ones(), features(1), Power{P: 1, Least: 0.5}, true)
		wantBrains(t, "mean", mean, 1+2*half, 1+2*half)
		wantBrains(t, "maximum", largest, 1, 1+2*half)
		wantBrains(t, "generalised mean", gem, 1+2*half, 1+2*half)
	}
}

// newArray is an array until the end of the test.
func newArray[T kernels.Element](t *testing.T, dev *kernels.Device, data []T, shape ...int) *kernels.Array {
	a := kernels.Of(dev, data, shape...)
	t.Cleanup(a.Free)
	return a
}

func brains(v []float32) []kernels.Brain {
	b := make([]kernels.Brain, len(v))
	for i := range v {
		b[i] = bfloat.Of(v[i])
	}
	return b
}

func wantBrains(t *testing.T, name string, got *kernels.Array, want ...float32) {
	t.Helper()
	for i, b := range kernels.Read[kernels.Brain](got) {
		if v := bfloat.Float(b); v != want[i] {
			t.Errorf("%s on %s: element %d is %g, want %g", name, got.Device().Name(), i, v, want[i])
		}
	}
}

// TestRefusesTypes: maps are of one type, and features of the map's, but float32 where that is bfloat16. An op says who refuses.
func TestRefusesTypes(t *testing.T) {
	dev, s := kernels.CPU(), Spec{Kernel: 1, Stride: 1}
	bytes, ints := dev.New(kernels.Uint8, 1, 2, 2, 3), dev.New(kernels.Int32, 1, 3)
	array := func(d kernels.DType, shape ...int) *kernels.Array { return dev.New(d, shape...) }
	for _, c := range [][2]kernels.DType{
		{kernels.BFloat16, kernels.Float64},
		{kernels.Float32, kernels.Float64},
		{kernels.Float32, kernels.BFloat16},
		{kernels.Float64, kernels.BFloat16},
		{kernels.Int32, kernels.Int32},
		{kernels.BFloat16, kernels.BFloat16},
		{kernels.BFloat16, kernels.Float32},
	} {
		x, other, y := array(c[0], 1, 2, 2, 3), array(c[1], 1, 2, 2, 3), array(c[1], 1, 3)
		refuses := func(op string, call func()) { t.Helper(); optest.Refuses(t, "pool."+op+": ", fmt.Sprint(c), call) }
		if c[0] != c[1] || c[0] == kernels.Int32 {
			refuses("Max", func() { Max(other, bytes, x, s) })
			refuses("MaxBackward", func() { MaxBackward(x, other, bytes, s) })
			refuses("Average", func() { Average(other, x, s) })
			refuses("AverageBackward", func() { AverageBackward(x, other, s) })
			refuses("GeMBackward", func() { GeMBackward(x, array(kernels.Float32, 1, 3), other, y, GeM3, false) })
		}
		if c[0] != kernels.BFloat16 || c[1] != kernels.Float32 {
			refuses("Global", func() { Global(y, x) })
			refuses("GlobalBackward", func() { GlobalBackward(x, y, false) })
			refuses("GlobalMax", func() { GlobalMax(y, ints, x) })
			refuses("GlobalMaxBackward", func() { GlobalMaxBackward(x, y, ints, false) })
			refuses("GeM", func() { GeM(y, x, GeM3) })
			refuses("GeMBackward", func() { GeMBackward(x, y, x, y, GeM3, false) })
		}
	}
}
