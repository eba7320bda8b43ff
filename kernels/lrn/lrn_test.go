package lrn

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// lrnCase is a map, a window, and how large |x| gets.
type lrnCase struct {
	shape []int
	Spec
	reach float64
}

// caffe is the layer of GoogLeNet and AlexNet; strong makes squares count for much more.
var (
	caffe  = Spec{Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}
	strong = Spec{Size: 5, Alpha: 2, Beta: 0.75, K: 0.5}
)

// cases have empty maps, fewer channels than a window, packs of four or not, blocks of one pixel and of several, and more
// channels than a block has threads.
var cases = []lrnCase{
	{[]int{0, 3, 3, 8}, caffe, 1},
	{[]int{2, 3, 0, 4}, caffe, 1},
	{[]int{2, 2, 2, 0}, caffe, 1},
	{[]int{1, 1, 1, 1}, caffe, 300},
	{[]int{2, 1, 3, 2}, strong, 3},
	{[]int{2, 3, 3, 3}, strong, 3},
	{[]int{1, 5, 3, 4}, strong, 3},
	{[]int{2, 3, 1, 5}, Spec{9, 1, 0.75, 1}, 3},
	{[]int{1, 3, 5, 31}, Spec{3, 1, 0.5, 2}, 3},
	{[]int{1, 2, 3, 33}, Spec{1, 1, 0, 1}, 3},
	{[]int{2, 7, 5, 64}, caffe, 300},
	{[]int{1, 3, 3, 192}, Spec{7, 3, 1.25, 1}, 3},
	{[]int{1, 1, 2, 257}, strong, 3},
	{[]int{1, 2, 1, 1028}, strong, 3},
	{[]int{65537, 1, 1, 4}, strong, 3},
}

func TestForward(t *testing.T) {
	for _, c := range cases {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			x := optest.Uniform(kernels.CPU(), dt, 1, -c.reach, c.reach, c.shape...)
			for i := 5; i < x.Len(); i += 1031 {
				optest.Set(x, i, []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[i%3])
			}
			want, y := optest.Poisoned(kernels.CPU(), kernels.Float64, c.shape...), optest.Poisoned(kernels.CPU(), dt, c.shape...)
			forwardLoop(kernels.Data[float64](want), kernels.Data[float64](optest.As(x, kernels.Float64)), c.shape[3], c.Spec)
			Forward(y, x, c.Spec)
			// float32 rounds the result alone; in float64 the two ways to a power differ in the last digits
			optest.Near(t, c.String(), y, want, map[kernels.DType]float64{kernels.Float32: 0x1p-24, kernels.Float64: 1e-14}[dt])
		}
	}
}

func TestGradient(t *testing.T) {
	for _, c := range cases {
		if c.large() || c.reach > 3 {
			continue
		}
		dev, f64 := kernels.CPU(), kernels.Float64
		x, dy := optest.Uniform(dev, f64, 1, -c.reach, c.reach, c.shape...), optest.Uniform(dev, f64, 2, -1, 1, c.shape...)
		y, dx := optest.Poisoned(dev, f64, c.shape...), optest.Poisoned(dev, f64, c.shape...)
		Backward(dx, dy, x, c.Spec)
		optest.Gradient(t, c.String(), dx, x, 1e-5, 1e-8, func() float64 { Forward(y, x, c.Spec); return optest.Dot(dy, y) })
		Backward(nil, dy, x, c.Spec)
	}
}

func TestRefuses(t *testing.T) {
	dev := kernels.CPU()
	x, other := dev.New(kernels.Float32, 1, 2, 2, 3), dev.New(kernels.Float32, 1, 2, 2, 4)
	brain := dev.New(kernels.BFloat16, 1, 2, 2, 3)
	for name, call := range map[string]func(){
		"shape": func() { Forward(other, x, caffe) }, "gradient": func() { Backward(x, x, other, caffe) },
		"even":  func() { Forward(x, x, Spec{4, 1, 1, 1}) },
		"NaN":   func() { Forward(x, x, Spec{5, math.NaN(), 1, 1}) },
		"K":     func() { Forward(x, x, Spec{5, 1, 1, 0}) },
		"dtype": func() { Forward(dev.New(kernels.Float64, 1, 2, 2, 3), x, caffe) },
		"brain": func() { Forward(x, brain, caffe) }, "brain gradient": func() { Backward(brain, x, brain, caffe) },
	} {
		optest.Refuses(t, "lrn.", name, call)
	}
}

// BenchmarkCaffe is the second normalisation of GoogLeNet at 96 px, 64 images.
func BenchmarkCaffe(b *testing.B) {
	dev := kernels.CPU()
	x := optest.Uniform(dev, kernels.Float32, 1, -100, 100, 64, 24, 24, 192)
	y := dev.New(kernels.Float32, x.Shape()...)
	b.Run("forward", func(b *testing.B) {
		b.SetBytes(int64(2 * x.Bytes()))
		for b.Loop() {
			Forward(y, x, caffe)
		}
	})
	dx := dev.New(kernels.Float32, x.Shape()...)
	b.Run("backward", func(b *testing.B) {
		b.SetBytes(int64(3 * x.Bytes()))
		for b.Loop() {
			Backward(dx, y, x, caffe)
		}
	})
}
