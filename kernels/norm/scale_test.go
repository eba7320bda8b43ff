package norm

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

func TestScale(t *testing.T) {
	dev, d := kernels.CPU(), kernels.Data[float64]
	as := func(a *kernels.Array) []float64 { return d(optest.As(a, kernels.Float64)) }
	for _, shape := range layerShapes {
		for _, dt := range types {
			x, gamma := optest.Uniform(dev, dt, 1, -2, 2, shape...), optest.Uniform(dev, dt, 2, -1, 1, shape[len(shape)-1])
			residual, y := optest.Uniform(dev, dt, 3, -2, 2, shape...), optest.Poisoned(dev, dt, shape...)
			want := optest.Poisoned(dev, kernels.Float64, shape...)
			name, unit := fmt.Sprint(shape, dt), map[kernels.DType]float64{kernels.Float32: 0x1p-24, kernels.Float64: 0x1p-53}[dt]
			scaleLoop(d(want), as(x), as(gamma), nil)
			Scale(y, x, gamma, nil)
			optest.Near(t, name, y, want, unit)
			scaleLoop(d(want), as(x), as(gamma), as(residual))
			Scale(residual, x, gamma, residual)
			optest.Near(t, name+" and residual, in place", residual, want, 2*unit) // the product is below 2, the sum below 4
		}
	}
}

func TestScaleGradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	for _, shape := range layerShapes {
		c := shape[len(shape)-1]
		x, gamma := optest.Uniform(dev, f64, 1, -2, 2, shape...), optest.Uniform(dev, f64, 2, -1, 1, c)
		dy := optest.Uniform(dev, f64, 3, -1, 1, shape...)
		if x.Len() > 1000 {
			continue
		}
		y, dx, dgamma := optest.Poisoned(dev, f64, shape...), optest.Poisoned(dev, f64, shape...), optest.Poisoned(dev, f64, c)
		ScaleBackward(dx, dgamma, dy, x, gamma)
		f := func() float64 { Scale(y, x, gamma, nil); return optest.Dot(dy, y) }
		optest.Gradient(t, fmt.Sprint(shape), dx, x, 1e-3, 1e-9, f)
		optest.Gradient(t, fmt.Sprint(shape, " gamma"), dgamma, gamma, 1e-3, 1e-9, f)
		again := optest.Poisoned(dev, f64, c)
		ScaleBackward(dy, again, dy, x, gamma)
		optest.Near(t, fmt.Sprint(shape, " in place"), dy, dx, 0)
		optest.Near(t, fmt.Sprint(shape, " in place, gamma"), again, dgamma, 0)
	}
}

// TestParityScale: a product and a sum round once each; the sums over rows are of products below 2, 64 at a time in float32.
func TestParityScale(t *testing.T) {
	for _, s := range parityLayerShapes {
		rows, c := s[0], s[1]
		x, gamma, other := floats(1, -2, 2, rows, c).Awkward(), floats(2, -1, 1, c), floats(3, -2, 2, rows, c)
		large := rows*c > 20000
		inBothTypes(t, []int{0}, []int{0}, parity.Case{
			Name: fmt.Sprint("alone ", s), Bound: 0x1p-23, Large: large, In: tensors{x, gamma}, Out: tensors{output(rows, c)},
			Run: func(out, in arrays) { Scale(out[0], in[0], in[1], nil) },
		})
		inBothTypes(t, []int{0}, []int{0}, parity.Case{
			Name: fmt.Sprint("in place ", s), Bound: 0x1p-22, Large: large, In: tensors{x, gamma}, Out: tensors{other},
			Run: func(out, in arrays) { Scale(out[0], in[0], in[1], out[0]) },
		})
		inBothTypes(t, []int{0}, []int{0}, parity.Case{
			Name: fmt.Sprint("backward ", s), Bound: 2e-6, Large: large, In: tensors{floats(1, -2, 2, rows, c), gamma},
			Out: tensors{other, output(c)},
			Run: func(out, in arrays) { ScaleBackward(out[0], out[1], out[0], in[0], in[1]) },
		})
	}
	parity.Run(t, parity.Case{
		Name: "one off", Bound: 2e-6, In: tensors{floats(1, -2, 2, 5*64+1), floats(2, -1, 1, 64)}, Out: tensors{output(5, 64), output(64)},
		Run: func(out, in arrays) {
			x := in[0].View(1, 5, 64)
			Scale(out[0], x, in[1], x)
			ScaleBackward(nil, out[1], x, x, in[1])
		},
	})
}
