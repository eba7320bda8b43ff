package resize

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var types = []kernels.DType{kernels.Float32, kernels.Float64}

func TestUpsample2(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range [][4]int{{1, 1, 1, 1}, {2, 3, 5, 7}, {3, 17, 16, 16}, {0, 2, 2, 3}, {1, 2, 2, 0}} {
			n, h, w, c := s[0], s[1], s[2], s[3]
			x, y := optest.Uniform(dev, dt, 1, -1, 1, s[:]...), optest.Poisoned(dev, dt, n, 2*h, 2*w, c)
			want := dev.New(dt, y.Shape()...)
			for i := range want.Len() {
				e, j, r := i%c, i/c%(2*w), i/c/(2*w) // r counts rows of all images: halving it halves each image's
				optest.Set(want, i, optest.Get(x, ((r/2)*w+j/2)*c+e))
			}
			Upsample2(y, x)
			optest.Near(t, fmt.Sprint(dt, s), y, want, 0)
			// The gradient of a repetition: each copy of 1 counts once.
			dx := optest.Poisoned(dev, dt, s[:]...)
			Upsample2Backward(dx, y)
			four := dev.New(dt, s[:]...)
			for i := range four.Len() {
				optest.Set(four, i, 4*optest.Get(x, i))
			}
			optest.Near(t, fmt.Sprint(dt, s, " backward"), dx, four, 0)
		}
	}
	Upsample2Backward(nil, nil)
}

func TestUpsample2Gradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	x, w := optest.Uniform(dev, f64, 1, -1, 1, 2, 3, 2, 3), optest.Uniform(dev, f64, 2, -1, 1, 2, 6, 4, 3)
	y, dx := optest.Poisoned(dev, f64, 2, 6, 4, 3), optest.Poisoned(dev, f64, 2, 3, 2, 3)
	Upsample2Backward(dx, w)
	optest.Gradient(t, "upsample", dx, x, 1e-3, 1e-10, func() float64 { Upsample2(y, x); return optest.Dot(w, y) })
}

// Values of torch.nn.functional.interpolate(x, size, mode="bilinear", align_corners=False).
func TestBilinearAgainstTorch(t *testing.T) {
	cases := []struct {
		h, w, oh, ow int
		x, want      []float64
	}{
		{1, 2, 1, 4, []float64{0, 4}, []float64{0, 1, 3, 4}},
		{1, 4, 1, 2, []float64{0, 1, 2, 9}, []float64{0.5, 5.5}},
		{2, 2, 2, 2, []float64{1, 2, 3, 4}, []float64{1, 2, 3, 4}},
		{2, 2, 3, 3, []float64{0, 6, 12, 18}, []float64{0, 3, 6, 6, 9, 12, 12, 15, 18}},
		{1, 1, 2, 3, []float64{5}, []float64{5, 5, 5, 5, 5, 5}},
		{1, 5, 1, 3, []float64{0, 3, 6, 9, 12}, []float64{1, 6, 11}},
	}
	dev := kernels.CPU()
	for _, dt := range types {
		for _, c := range cases {
			x := optest.As(kernels.Of(dev, c.x, 1, c.h, c.w, 1), dt)
			y := optest.Poisoned(dev, dt, 1, c.oh, c.ow, 1)
			Bilinear(y, x)
			optest.Near(t, fmt.Sprint(dt, c), y, kernels.Of(dev, c.want, 1, c.oh, c.ow, 1), 1e-6)
		}
	}
}

func TestBilinear(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	for _, s := range [][4]int{{3, 5, 7, 4}, {7, 4, 3, 5}, {1, 1, 3, 2}, {4, 4, 4, 4}, {5, 3, 1, 1}} {
		in, out := []int{2, s[0], s[1], 3}, []int{2, s[2], s[3], 3}
		x, w := optest.Uniform(dev, f64, 1, -1, 1, in...), optest.Uniform(dev, f64, 2, -1, 1, out...)
		y, dx := optest.Poisoned(dev, f64, out...), optest.Poisoned(dev, f64, in...)
		BilinearBackward(dx, w)
		optest.Gradient(t, fmt.Sprint(s), dx, x, 1e-3, 1e-10, func() float64 { Bilinear(y, x); return optest.Dot(w, y) })
		x32, y32, dx32 := optest.As(x, kernels.Float32), optest.Poisoned(dev, kernels.Float32, out...),
			optest.Poisoned(dev, kernels.Float32, in...)
		Bilinear(y32, x32)
		Bilinear(y, x)
		optest.Near(t, fmt.Sprint(s, " float32"), y32, y, 3e-7)
		BilinearBackward(dx32, optest.As(w, kernels.Float32))
		optest.Near(t, fmt.Sprint(s, " float32 backward"), dx32, dx, 1e-6)
	}
	Bilinear(dev.New(f64, 0, 2, 2, 1), dev.New(f64, 0, 3, 3, 1))
	BilinearBackward(nil, nil)
}

func BenchmarkUpsample2(b *testing.B) {
	dev := kernels.CPU()
	x, y := dev.New(kernels.Float32, 32, 40, 40, 32), dev.New(kernels.Float32, 32, 80, 80, 32)
	b.SetBytes(int64(x.Bytes() + y.Bytes()))
	for b.Loop() {
		Upsample2(y, x)
	}
}

func BenchmarkUpsample2Backward(b *testing.B) {
	dev := kernels.CPU()
	x, y := dev.New(kernels.Float32, 32, 40, 40, 32), dev.New(kernels.Float32, 32, 80, 80, 32)
	b.SetBytes(int64(x.Bytes() + y.Bytes()))
	for b.Loop() {
		Upsample2Backward(x, y)
	}
}

func BenchmarkBilinear(b *testing.B) {
	dev := kernels.CPU()
	x, y := dev.New(kernels.Float32, 32, 64, 64, 16), dev.New(kernels.Float32, 32, 80, 80, 16)
	b.SetBytes(int64(x.Bytes() + y.Bytes()))
	for b.Loop() {
		Bilinear(y, x)
	}
}

// TestBilinearWeights: the products with the weights of rows and of columns are what Bilinear makes.
func TestBilinearWeights(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range [][4]int{{5, 7, 3, 9}, {1, 1, 4, 2}, {8, 6, 8, 6}, {14, 14, 10, 10}} {
		h, w, oh, ow := s[0], s[1], s[2], s[3]
		x, y := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 1, h, w, 1), optest.Poisoned(dev, kernels.Float32, 1, oh, ow, 1)
		Bilinear(y, x)
		rows, columns, want := BilinearWeights(oh, h), BilinearWeights(ow, w), dev.New(kernels.Float32, 1, oh, ow, 1)
		for i := range oh {
			for j := range ow {
				sum := 0.0
				for p := range h {
					for q := range w {
						sum += float64(rows[i*h+p]) * optest.Get(x, p*w+q) * float64(columns[j*w+q])
					}
				}
				optest.Set(want, i*ow+j, sum)
			}
		}
		optest.Near(t, fmt.Sprint(s), y, want, 4*0x1p-24) // three roundings of numbers below 1
	}
}
