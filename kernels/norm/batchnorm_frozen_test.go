package norm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// TestBatchNormEvalBackward compares with the loop: two roundings in float32, over several tiles, with NaN and infinities in dy, and
// with y that is 0 and NaN.
func TestBatchNormEvalBackward(t *testing.T) {
	for dt, bound := range map[kernels.DType]float64{kernels.Float32: 0x1p-22, kernels.Float64: 1e-15} {
		for _, shape := range [][]int{{0, 3}, {1, 1}, {3, 5, 7}, {2, 40, 40, 33}} {
			for _, relu := range []bool{false, true} {
				ch := shape[len(shape)-1]
				b := newBN(bnCase{shape: shape, relu: relu}, dt)
				mean, vari := optest.Uniform(b.dev, dt, 5, -1, 1, ch), optest.Uniform(b.dev, dt, 6, 0, 2, ch)
				BatchNormEval(b.y, b.x, b.gamma, b.beta, mean, vari, eps, relu)
				dy := optest.Uniform(b.dev, dt, 4, -1, 1, shape...)
				for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
					if n := dy.Len(); n > 9 {
						optest.Set(dy, (2*i+1)*n/7, v)
						optest.Set(b.y, i*n/3, math.NaN())
					}
				}
				wide := func(a *kernels.Array) []float64 { return kernels.Data[float64](optest.As(a, kernels.Float64)) }
				want, y := b.dev.New(kernels.Float64, shape...), []float64(nil)
				if relu {
					y = wide(b.y)
				}
				batchNormEvalBackwardLoop(kernels.Data[float64](want), wide(dy), y, wide(b.gamma), wide(vari), eps)
				dx, name := optest.Poisoned(b.dev, dt, shape...), fmt.Sprint(dt, shape, relu)
				BatchNormEvalBackward(dx, dy, b.y, b.gamma, vari, eps, relu)
				optest.Near(t, name, dx, want, bound)
				BatchNormEvalBackward(dy, dy, b.y, b.gamma, vari, eps, relu)
				optest.Near(t, name+" in place", dy, dx, 0)
			}
		}
	}
}

// TestBatchNormEvalGradient: finite differences of BatchNormEval.
func TestBatchNormEvalGradient(t *testing.T) {
	for _, relu := range []bool{false, true} {
		b := newBN(bnCase{shape: []int{3, 5, 7}, relu: relu}, kernels.Float64)
		mean, vari := optest.Uniform(b.dev, b.dt, 5, -1, 1, 7), optest.Uniform(b.dev, b.dt, 6, 0.1, 2, 7)
		dy, dx := optest.Uniform(b.dev, b.dt, 4, -1, 1, b.shape...), optest.Poisoned(b.dev, b.dt, b.shape...)
		f := func() float64 {
			BatchNormEval(b.y, b.x, b.gamma, b.beta, mean, vari, eps, relu)
			return optest.Dot(dy, b.y)
		}
		f()
		BatchNormEvalBackward(dx, dy, b.y, b.gamma, vari, eps, relu)
		optest.Gradient(t, fmt.Sprint("relu ", relu), dx, b.x, 1e-6, 1e-8, f) // no y is within 1e-5 of the kink
	}
}
