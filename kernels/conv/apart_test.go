package conv

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// apartCase is a convolution of n images [h,w,c] with o filters of k x k.
type apartCase struct{ n, h, w, c, o, k, stride, pad int }

// Outputs of one pixel to several tiles an image, tiles that do not divide the lines, 1x1 filters, filters larger than an edge.
var apartCases = []apartCase{
	{5, 1, 1, 512, 64, 1, 1, 0},
	{5, 2, 2, 96, 40, 3, 2, 1},
	{5, 1, 2, 30, 17, 3, 1, 1},
	{5, 2, 2, 64, 33, 1, 1, 0},
	{3, 5, 5, 48, 64, 3, 1, 1},
	{3, 21, 21, 64, 96, 3, 1, 1},
	{4, 24, 24, 3, 32, 7, 2, 3},
	{70, 4, 4, 64, 24, 1, 1, 0},
	{2, 3, 3, 8, 7, 3, 1, 0},
}

func (c apartCase) arrays(t kernels.DType) (y, x, w, b *kernels.Array) {
	dev, s := kernels.CPU(), Spec{Stride: c.stride, Pad: c.pad}
	x, w = optest.Uniform(dev, t, 1, -1, 1, c.n, c.h, c.w, c.c), optest.Uniform(dev, t, 2, -1, 1, c.o, c.k, c.k, c.c)
	return dev.New(t, c.n, s.OutSize(c.h, c.k), s.OutSize(c.w, c.k), c.o), x, w, optest.Uniform(dev, t, 3, -1, 1, c.o)
}

// Apart is the same convolution, to the bound of Forward.
func TestApartIsTheConvolution(t *testing.T) {
	for _, c := range apartCases {
		for _, relu := range []bool{false, true} {
			s := Spec{Stride: c.stride, Pad: c.pad, ReLU: relu, Apart: true}
			y, x, w, b := c.arrays(kernels.Float64)
			f64 := kernels.Data[float64]
			forwardLoop(f64(y), f64(x), f64(w), f64(b), geometryOf("test", y, x, w, s), relu)
			for _, dt := range []kernels.DType{kernels.Float64, kernels.Float32} {
				got := kernels.CPU().New(dt, y.Shape()...)
				Forward(got, optest.As(x, dt), optest.As(w, dt), optest.As(b, dt), s)
				terms := float64(c.k * c.k * c.c)
				// Forward's bound, and the rounding of both factors to float32; a product is below 1.
				bound := map[kernels.DType]float64{kernels.Float64: 0x1p-53, kernels.Float32: 0x1p-24}[dt] * (terms + 18) * terms
				for i := range y.Len() {
					if !(math.Abs(optest.Get(got, i)-optest.Get(y, i)) <= bound) {
						t.Fatalf("%+v %v: element %d is %g, want %g", c, dt, i, optest.Get(got, i), optest.Get(y, i))
					}
				}
			}
		}
	}
}

// An image has the same bytes alone and at each place of a batch.
func TestApartDoesNotSeeOtherImages(t *testing.T) {
	for _, c := range apartCases {
		s := Spec{Stride: c.stride, Pad: c.pad, Apart: true}
		y, x, w, b := c.arrays(kernels.Float32)
		for i := range c.n - 1 {
			x.Rows(i+1, i+2).CopyFrom(x.Rows(0, 1))
		}
		alone := kernels.CPU().New(kernels.Float32, y.Rows(0, 1).Shape()...)
		for _, bias := range []*kernels.Array{b, nil} {
			Forward(y, x, w, bias, s)
			Forward(alone, x.Rows(0, 1), w, bias, s)
			for i := range c.n {
				if !slices.Equal(kernels.Data[float32](y.Rows(i, i+1)), kernels.Data[float32](alone)) {
					t.Errorf("%+v: image %d differs from the same image alone", c, i)
				}
			}
		}
	}
}
