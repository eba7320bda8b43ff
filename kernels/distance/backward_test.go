package distance

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// squaredBackwardLoop is the definition of SquaredL2Backward, in float64.
func squaredBackwardLoop(g, x *kernels.Array) []float64 {
	n, d := x.Dim(0), x.Dim(1)
	dx := make([]float64, n*d)
	for i := range n {
		for j := range n {
			for c := range d {
				dx[i*d+c] += 2 * (optest.Get(g, i*n+j) + optest.Get(g, j*n+i)) * (optest.Get(x, i*d+c) - optest.Get(x, j*d+c))
			}
		}
	}
	return dx
}

var backwardShapes = [][2]int{{0, 3}, {1, 4}, {2, 1}, {7, 5}, {33, 64}, {130, 17}}

func TestSquaredL2Backward(t *testing.T) {
	dev := kernels.CPU()
	for _, shape := range backwardShapes {
		n, d := shape[0], shape[1]
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			x, g := optest.Uniform(dev, dt, 1, -1, 1, n, d), optest.Uniform(dev, dt, 2, -1, 1, n, n)
			dx := optest.Poisoned(dev, dt, n, d)
			SquaredL2Backward(dx, g, x)
			bound := roundoff[dt] * float64(n+4) * 4 * float64(n) // of the contract, with numbers up to 1
			optest.Near(t, fmt.Sprint(shape, dt), dx, kernels.Of(dev, squaredBackwardLoop(g, x), n, d), bound)
		}
		x, g := optest.Uniform(dev, kernels.Float64, 1, -1, 1, n, d), optest.Uniform(dev, kernels.Float64, 2, -1, 1, n, n)
		dx, q := optest.Poisoned(dev, kernels.Float64, n, d), dev.New(kernels.Float64, n, n)
		SquaredL2Backward(dx, g, x)
		optest.Gradient(t, fmt.Sprint(shape), dx, x, 1e-6, 1e-7, func() float64 {
			Pairwise(q, x, x, SquaredL2)
			return optest.Dot(g, q)
		})
	}
}

// TestFromFirst: each element is the difference itself, rounded once.
func TestFromFirst(t *testing.T) {
	dev := kernels.CPU()
	for _, shape := range backwardShapes {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			x := optest.Uniform(dev, dt, 1, 99, 101, shape[0], shape[1])
			y, want := optest.Poisoned(dev, dt, shape[0], shape[1]), make([]float64, x.Len())
			FromFirst(y, x)
			for i := range want {
				want[i] = optest.Get(x, i) - optest.Get(x, i%shape[1])
			}
			optest.Near(t, fmt.Sprint(shape, dt), y, kernels.Of(dev, want, shape[0], shape[1]), roundoff[dt]*2)
		}
	}
}

func TestParityFromFirst(t *testing.T) {
	var cases []parity.Case
	for _, shape := range backwardShapes {
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(shape), In: []parity.Tensor{parity.Floats(1, 99, 101, shape[0], shape[1])}, Large: shape[0] > 100,
			Out: []parity.Tensor{parity.Output(kernels.Float32, shape[0], shape[1])},
			Run: func(out, in []*kernels.Array) { FromFirst(out[0], in[0]) },
		})
	}
	parity.Run(t, cases...)
}

func TestParitySquaredL2Backward(t *testing.T) {
	var cases []parity.Case
	for _, shape := range backwardShapes {
		n, d := shape[0], shape[1]
		cases = append(cases, parity.Case{
			Name: fmt.Sprint(shape), In: []parity.Tensor{parity.Floats(1, -1, 1, n, n), parity.Floats(2, -1, 1, n, d)}, Large: n > 100,
			Out: []parity.Tensor{parity.Output(kernels.Float32, n, d)}, Bound: 0x1p-24 * float64(n+20) * 4 * float64(max(1, n)),
			Run: func(out, in []*kernels.Array) { SquaredL2Backward(out[0], in[0], in[1]) },
		})
	}
	parity.Run(t, cases...)
}
