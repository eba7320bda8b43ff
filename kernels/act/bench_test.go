package act

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// The activations of conv4's first block at batch 64, both views.
var big = []int{128, 32, 32, 64}

func BenchmarkReLU(b *testing.B) {
	dev := kernels.CPU()
	x, y := optest.Uniform(dev, kernels.Float32, 1, -1, 1, big...), dev.New(kernels.Float32, big...)
	b.SetBytes(int64(2 * x.Bytes()))
	for b.Loop() {
		ReLU(y, x)
	}
}

func BenchmarkReLUBackward(b *testing.B) {
	dev := kernels.CPU()
	y, dy := optest.Uniform(dev, kernels.Float32, 1, -1, 1, big...), optest.Uniform(dev, kernels.Float32, 2, -1, 1, big...)
	b.SetBytes(int64(3 * y.Bytes()))
	for b.Loop() {
		ReLUBackward(dy, dy, y)
	}
}

func BenchmarkSigmoid(b *testing.B) {
	dev := kernels.CPU()
	x, y := optest.Uniform(dev, kernels.Float32, 1, -5, 5, 32, 80, 80, 3), dev.New(kernels.Float32, 32, 80, 80, 3)
	b.SetBytes(int64(2 * x.Bytes()))
	for b.Loop() {
		Sigmoid(y, x)
	}
}

func BenchmarkSoftmax(b *testing.B) {
	dev := kernels.CPU()
	x, y := optest.Uniform(dev, kernels.Float32, 1, -5, 5, 128, 512), dev.New(kernels.Float32, 128, 512)
	b.SetBytes(int64(2 * x.Bytes()))
	for b.Loop() {
		Softmax(y, x)
	}
}

func BenchmarkDropoutMask(b *testing.B) {
	dev := kernels.CPU()
	mask, rows, epoch := dev.New(kernels.Uint8, 128, 128), dev.New(kernels.Int32, 128), dev.New(kernels.Int32, 1)
	b.SetBytes(int64(mask.Bytes()))
	for b.Loop() {
		DropoutMask(mask, rows, rows, 1, epoch, 0.6)
	}
}
