package augment

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/rng"
)

// viewSizes are images [n,h,w,c], the number of views of them and the views' size: around the width of a warp and of a block,
// smaller and larger than the image, and more rows than the grid has.
var viewSizes = []struct{ n, h, w, c, rows, size int }{
	{1, 1, 1, 1, 3, 1},
	{2, 1, 1, 3, 3, 5},
	{3, 7, 5, 1, 7, 4},
	{2, 36, 36, 1, 5, 32},
	{3, 9, 11, 3, 11, 8},
	{2, 5, 7, 1, 1000, 4},
	{2, 20, 20, 3, 5, 17},
	{1, 3, 3, 4, 3, 7},
	{2, 6, 6, 2, 4, 5},
	{2, 5, 6, 9, 3, 6},
	{1, 4, 4, 3, 0, 3},
	{0, 4, 4, 3, 0, 3},
	{2, 4, 4, 1, 3, 0},
	{3, 2, 2, 1, 65537, 1},
}

// viewMaps are the maps of the rows: random ones, whole pixels, the centre, and ones that no training draws.
func viewMaps(h, w, size, rows int) []float64 {
	turned := Ranges{Flip: 0.5, Rotate: 40, ScaleLo: 0.4, ScaleHi: 1.8, Shift: 3, Crop: true}
	maps := make([]float64, 0, 6*rows)
	for r := range rows {
		k := rng.Key{Seed: 4, Sample: uint32(r), Op: rng.OpAugment}
		m := turned.Matrix(k, h, w, size)
		switch r % 6 {
		case 1:
			m = Ranges{Crop: true, Flip: 0.5}.Matrix(k, h, w, size)
		case 5:
			m = Ranges{AreaLo: 0.1, AreaHi: 1, Flip: 0.5}.Matrix(k, h, w, size)
		case 2:
			m = Ranges{}.Matrix(k, h, w, size)
		case 3:
			m[r/6%6] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300}[r/6%5]
		case 4: // pixel (3, 3) shows a whole pixel, or a position that is a rounding less and lies in the pixel before
			for i := 0; i < 6; i += 3 {
				m[i+2] = float64(r%3+1) - m[i]*3 - m[i+1]*3
			}
		}
		maps = append(maps, m[:]...)
	}
	return maps
}

// TestParityViews: every device gives the bits of Affine, which is the reference, called for each row by itself.
func TestParityViews(t *testing.T) {
	var cases []parity.Case
	for _, s := range viewSizes {
		for _, invert := range []bool{false, true} {
			if invert && s.rows > 1000 {
				continue
			}
			maps := parity.Values(kernels.Float64, append(viewMaps(s.h, s.w, s.size, s.rows), 0), s.rows, 6)
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(s, invert), Large: s.rows > 1000,
				In:  []parity.Tensor{parity.Bytes(1, 256, s.n, s.h, s.w, s.c), parity.Ints(2, max(1, s.n), s.rows), maps},
				Out: []parity.Tensor{parity.Output(kernels.Float32, s.rows, s.size, s.size, s.c)},
				Run: func(out, in []*kernels.Array) {
					if out[0].DType() == kernels.Float64 {
						eachAffine(kernels.Data[float64](out[0]), in, s.size, invert)
						return
					}
					Views(out[0], in[0], in[1], in[2], invert)
				},
			})
		}
	}
	parity.Run(t, cases...)
}

// eachAffine is Views by its definition, in the float64 array that the harness brings.
func eachAffine(dst []float64, in []*kernels.Array, size int, invert bool) {
	h, w, c := in[0].Dim(1), in[0].Dim(2), in[0].Dim(3)
	image, view := h*w*c, make([]float32, size*size*c)
	for r, i := range kernels.Data[int32](in[1]) {
		m := [6]float64(kernels.Data[float64](in[2])[6*r:])
		Affine(view, kernels.Data[uint8](in[0])[int(i)*image:][:image], h, w, c, size, m, invert)
		for j, v := range view {
			dst[r*len(view)+j] = float64(v)
		}
	}
}

// TestViewsOfNoChangeAreTheCentre: the views of evaluation are the same on both devices.
func TestViewsOfNoChangeAreTheCentre(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		for _, s := range []struct{ h, w, c, size int }{
			{36, 36, 3, 32},
			{35, 35, 1, 32},
			{7, 9, 3, 4},
			{3, 3, 3, 6},
			{1, 1, 1, 3},
			{4, 3, 2, 2},
		} {
			src, want, length := picture(s.h, s.w, s.c), poison(s.size*s.size*s.c), s.size*s.size*s.c
			Centre(want, src, s.h, s.w, s.c, s.size, true)
			m := Ranges{}.Matrix(rng.Key{Seed: 1}, s.h, s.w, s.size)
			dst := kernels.Of(dev, poison(length), 1, s.size, s.size, s.c)
			pixels, index := kernels.Of(dev, src, 1, s.h, s.w, s.c), kernels.Of(dev, []int32{0}, 1)
			matrix := kernels.Of(dev, m[:], 1, 6)
			Views(dst, pixels, index, matrix, true)
			sameFloats(t, kernels.Read[float32](dst), want)
			for _, a := range []*kernels.Array{dst, pixels, index, matrix} {
				a.Free()
			}
		}
	}
}

// TestViewsLeaveOutWhatIsNotThere: a GPU, which cannot panic, leaves those rows as they were.
func TestViewsLeaveOutWhatIsNotThere(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		for _, c := range []int{1, 3, 5} {
			dst := kernels.Of(dev, poison(3*4*c), 3, 2, 2, c)
			pixels, index := kernels.Of(dev, picture(2*2, 2, c), 2, 2, 2, c), kernels.Of(dev, []int32{-1, 1, 2}, 3)
			matrix := dev.New(kernels.Float64, 3, 6)
			Views(dst, pixels, index, matrix, false)
			for i, v := range kernels.Read[float32](dst) {
				if there := i/(4*c) == 1; math.IsNaN(float64(v)) == there {
					t.Fatalf("%d channels: element %d is %g", c, i, v)
				}
			}
			for _, a := range []*kernels.Array{dst, pixels, index, matrix} {
				a.Free()
			}
		}
	})
}

func TestViewsRefuseOtherShapes(t *testing.T) {
	dev := kernels.CPU()
	pixels, index := dev.New(kernels.Uint8, 2, 4, 4, 3), dev.New(kernels.Int32, 5)
	matrix, dst := dev.New(kernels.Float64, 5, 6), dev.New(kernels.Float32, 5, 3, 3, 3)
	bad := [][4]*kernels.Array{
		{dev.New(kernels.Float32, 5, 3, 2, 3), pixels, index, matrix},
		{dev.New(kernels.Float32, 5, 3, 3, 1), pixels, index, matrix},
		{dev.New(kernels.Float32, 4, 3, 3, 3), pixels, index, matrix},
		{dev.New(kernels.Float32, 5, 27), pixels, index, matrix},
		{dst, dev.New(kernels.Float32, 2, 4, 4, 3), index, matrix},
		{dst, dev.New(kernels.Uint8, 0, 4, 4, 3), index, matrix},
		{dst, pixels, index, dev.New(kernels.Float64, 5, 5)},
		{dst, pixels, index, dev.New(kernels.Float32, 5, 6)},
	}
	for i, c := range bad {
		optest.Refuses(t, "augment.", fmt.Sprint("case ", i), func() { Views(c[0], c[1], c[2], c[3], false) })
	}
}

// TestParityNormalise: the product and the difference each round once, at 255 and below, and are divided by std.
func TestParityNormalise(t *testing.T) {
	mean, std := []float64{123, 117, 104, 7, 0, 255, 99, 3}, []float64{58, 58.4, 255, 60, 90, 70, 88, 61}
	var cases []parity.Case
	for _, shape := range [][]int{{0, 4, 4, 3}, {1, 1, 1, 1}, {2, 7, 5, 3}, {1, 64, 65, 1}, {3, 2, 2, 4}, {5, 7, 8}, {257, 5}, {65537, 3}} {
		c := shape[len(shape)-1]
		for shift := range 2 { // a view that does not start on 16 bytes, too
			in := append([]int{}, shape...)
			n := 1
			for _, s := range shape {
				n *= s
			}
			run := func(y, x *kernels.Array, reverse bool) {
				Normalise(y.View(shift, in...), x.View(shift, in...), mean[:c], std[:c], reverse)
			}
			cases = append(cases, parity.Case{
				Name: fmt.Sprint(shape, shift), Bound: 1e-6, Large: n > 1e5,
				In:  []parity.Tensor{parity.Floats(1, 0, 1, n+shift).Awkward()},
				Out: []parity.Tensor{parity.Output(kernels.Float32, n+shift)},
				Run: func(out, in []*kernels.Array) { run(out[0], in[0], false) },
			}, parity.Case{
				Name: fmt.Sprint("reversed", shape, shift), Bound: 1e-6, Large: n > 1e5,
				In:  []parity.Tensor{parity.Floats(2, 0, 1, n+shift).Awkward()},
				Out: []parity.Tensor{parity.Output(kernels.Float32, n+shift)},
				Run: func(out, in []*kernels.Array) { run(out[0], in[0], true) },
			}, parity.Case{
				Name: fmt.Sprint("in place", shape, shift), Bound: 1e-6, Large: n > 1e5,
				Out: []parity.Tensor{parity.Floats(3, 0, 1, n+shift)},
				Run: func(out, _ []*kernels.Array) { run(out[0], out[0], false) },
			})
		}
	}
	parity.Run(t, cases...)
}

// TestReversedChannelsNeedAnotherArray on every device: the result would be a mixture.
func TestReversedChannelsNeedAnotherArray(t *testing.T) {
	for _, dev := range parity.Devices(t) {
		x := kernels.Of(dev, poison(6), 2, 3)
		optest.Refuses(t, "augment.", dev.Name()+": one array twice", func() {
			Normalise(x, x, make([]float64, 3), []float64{1, 1, 1}, true)
		})
		x.Free()
	}
}
