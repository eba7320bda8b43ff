package act

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

func TestSwiGLU(t *testing.T) {
	dev, f64, f32 := kernels.CPU(), kernels.Float64, kernels.Float32
	for _, n := range sizes {
		gate, up, dy := optest.Uniform(dev, f64, 1, -6, 6, n), optest.Uniform(dev, f64, 2, -1, 1, n), optest.Uniform(dev, f64, 3, -1, 1, n)
		gate32, up32, dy32 := optest.As(gate, f32), optest.As(up, f32), optest.As(dy, f32)
		gate, up, dy = optest.As(gate32, f64), optest.As(up32, f64), optest.As(dy32, f64)
		want := dev.New(f64, n)
		for i := range n {
			v := optest.Get(gate, i)
			optest.Set(want, i, v/(1+math.Exp(-v))*optest.Get(up, i))
		}
		out := func(dt kernels.DType) *kernels.Array { return optest.Poisoned(dev, dt, n) }
		y, dgate, dup := out(f64), out(f64), out(f64)
		SwiGLU(y, gate, up)
		SwiGLUBackward(dgate, dup, dy, gate, up)
		optest.Near(t, fmt.Sprint(n), y, want, 1e-15)
		y32, dgate32, dup32 := out(f32), out(f32), out(f32)
		SwiGLU(y32, gate32, up32)
		SwiGLUBackward(dgate32, dup32, dy32, gate32, up32)
		optest.Near(t, fmt.Sprint(n, " float32"), y32, y, 10*0x1p-24)
		optest.Near(t, fmt.Sprint(n, " float32 to gate"), dgate32, dgate, 18*0x1p-24)
		optest.Near(t, fmt.Sprint(n, " float32 to up"), dup32, dup, 10*0x1p-24)
		SwiGLUBackward(gate32, dy32, dy32, gate32, up32)
		optest.Near(t, fmt.Sprint(n, " in place to gate"), gate32, dgate32, 0)
		optest.Near(t, fmt.Sprint(n, " in place to up"), dy32, dup32, 0)
		if n > 0 && n < tile/2 {
			f := func() float64 { SwiGLU(y, gate, up); return optest.Dot(dy, y) }
			optest.Gradient(t, "gate", dgate, gate, 1e-5, 1e-8, f)
			optest.Gradient(t, "up", dup, up, 1e-3, 1e-9, f)
		}
	}
}

func TestReLU6(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, n := range sizes {
			x, dy := optest.Uniform(dev, dt, 1, -3, 9, n), optest.Uniform(dev, dt, 2, -2, 2, n)
			for i, v := range []float64{nan, inf, -inf, math.Copysign(0, -1), 0, 6, math.Nextafter(6, 0)} {
				if i < n {
					optest.Set(x, i, v)
				}
			}
			y, dx, want, dwant := optest.Poisoned(dev, dt, n), optest.Poisoned(dev, dt, n), dev.New(dt, n), dev.New(dt, n)
			for i := range n {
				v := optest.Get(x, i)
				optest.Set(want, i, max(0, min(6, v)))
				if !(v <= 0 || v >= 6) {
					optest.Set(dwant, i, optest.Get(dy, i))
				}
			}
			ReLU6(y, x)
			ReLU6Backward(dx, dy, y)
			name := fmt.Sprint(dt, n)
			optest.Near(t, name, y, want, 0)
			optest.Near(t, name+" backward", dx, dwant, 0)
			ReLU6(x, x)
			ReLU6Backward(dy, dy, x)
			optest.Near(t, name+" in place", x, want, 0)
			optest.Near(t, name+" backward in place", dy, dwant, 0)
		}
	}
	ReLU6Backward(nil, nil, nil)
}
