package norm

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

func TestBatchNormGradient(t *testing.T) {
	for _, c := range bnCases {
		b := newBN(c, kernels.Float64)
		if b.x.Len() > 500 || b.x.Len() == 0 {
			continue
		}
		b.relu = false
		w := optest.Uniform(b.dev, kernels.Float64, 4, -1, 1, c.shape...)
		ch := b.gamma.Len()
		dx, dg, db := optest.Poisoned(b.dev, b.dt, c.shape...), optest.Poisoned(b.dev, b.dt, ch), optest.Poisoned(b.dev, b.dt, ch)
		f := func() float64 { b.run(); return optest.Dot(w, b.y) }
		f()
		BatchNormBackward(dx, dg, db, w, b.x, b.gamma, nil, b.weights, b.s)
		name := c.String()
		if c.shape[0] > 1 { // of a single row, the gradient is 0
			optest.Gradient(t, name+" x", dx, b.x, 1e-4, 1e-6, f)
		}
		optest.Gradient(t, name+" gamma", dg, b.gamma, 1e-5, 1e-8, f)
		optest.Gradient(t, name+" beta", db, b.beta, 1e-5, 1e-8, f)
		f()
		BatchNormBackward(nil, nil, nil, w, b.x, b.gamma, nil, b.weights, b.s)
		BatchNormBackward(w, nil, nil, w, b.x, b.gamma, nil, b.weights, b.s)
		optest.Near(t, name+" in place", w, dx, 0)
	}
}

// The fast float32 backward against float64, over several chunks.
func TestBatchNormBackwardFloat32(t *testing.T) {
	for _, c := range bnCases {
		b, ref := newBN(c, kernels.Float32), newBN(c, kernels.Float64)
		ref.x, ref.gamma = optest.As(b.x, kernels.Float64), optest.As(b.gamma, kernels.Float64)
		b.run()
		ref.run()
		dy := optest.Uniform(b.dev, kernels.Float32, 4, -1, 1, c.shape...)
		got, want := b.backward(dy), ref.backward(optest.As(dy, kernels.Float64))
		for i, bound := range []float64{2e-6 * (1 + math.Abs(c.offset)), 2e-6 * (1 + math.Abs(c.offset)), 2e-6} {
			if c.shape[0] != 1 { // dx of one row is rounding alone, times 1/sqrt(eps)
				optest.Near(t, fmt.Sprint(c, " gradient ", i), got[i], want[i], bound)
			}
		}
	}
}

func (b *bn) backward(dy *kernels.Array) [3]*kernels.Array {
	ch := b.gamma.Len()
	g := [3]*kernels.Array{optest.Poisoned(b.dev, b.dt, b.shape...), optest.Poisoned(b.dev, b.dt, ch), optest.Poisoned(b.dev, b.dt, ch)}
	BatchNormBackward(g[0], g[1], g[2], dy, b.x, b.gamma, nil, b.weights, b.s)
	return g
}
