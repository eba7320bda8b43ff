package act

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/rng"
)

var (
	types = []kernels.DType{kernels.Float32, kernels.Float64}
	bound = map[kernels.DType]float64{kernels.Float32: 3e-7, kernels.Float64: 1e-14}
	nan   = math.NaN()
	inf   = math.Inf(1)
)

// Sizes around a tile, primes, nothing at all.
var sizes = []int{0, 1, 7, 1021, tile - 1, tile, tile + 1}

func TestReLU(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, n := range sizes {
			x, dy := optest.Uniform(dev, dt, 1, -2, 2, n), optest.Uniform(dev, dt, 2, -2, 2, n)
			for i, v := range []float64{nan, inf, -inf, math.Copysign(0, -1), 0, -nan} {
				if i < n {
					optest.Set(x, i, v)
				}
			}
			y, dx, want, dwant := optest.Poisoned(dev, dt, n), optest.Poisoned(dev, dt, n), dev.New(dt, n), dev.New(dt, n)
			for i := range n {
				optest.Set(want, i, optest.Get(x, i))
				optest.Set(dwant, i, optest.Get(dy, i))
				if optest.Get(x, i) <= 0 {
					optest.Set(want, i, 0)
					optest.Set(dwant, i, 0)
				}
			}
			ReLU(y, x)
			ReLUBackward(dx, dy, y)
			name := fmt.Sprint(dt, n)
			optest.Near(t, name, y, want, 0)
			optest.Near(t, name+" backward", dx, dwant, 0)
			ReLU(x, x)
			ReLUBackward(dy, dy, x)
			optest.Near(t, name+" in place", x, want, 0)
			optest.Near(t, name+" backward in place", dy, dwant, 0)
		}
	}
	ReLUBackward(nil, nil, nil)
}

func TestSigmoid(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, n := range sizes {
			x := optest.Uniform(dev, dt, 3, -9, 9, n)
			for i, v := range []float64{nan, inf, -inf, 1e4, -1e4} {
				if i < n {
					optest.Set(x, i, v)
				}
			}
			y, want := optest.Poisoned(dev, dt, n), dev.New(dt, n)
			for i := range n {
				optest.Set(want, i, 0.5*(1+math.Tanh(optest.Get(x, i)/2)))
			}
			Sigmoid(y, x)
			optest.Near(t, fmt.Sprint(dt, n), y, want, bound[dt])
		}
	}
	x, w := optest.Uniform(dev, kernels.Float64, 4, -3, 3, 3, 5), optest.Uniform(dev, kernels.Float64, 5, -1, 1, 3, 5)
	y, dx := optest.Poisoned(dev, kernels.Float64, 3, 5), optest.Poisoned(dev, kernels.Float64, 3, 5)
	f := func() float64 { Sigmoid(y, x); return optest.Dot(w, y) }
	f()
	SigmoidBackward(dx, w, y)
	optest.Gradient(t, "sigmoid", dx, x, 1e-5, 1e-8, f)
	SigmoidBackward(nil, w, y)
}

var shapes = [][2]int{{0, 3}, {1, 1}, {5, 1}, {3, 7}, {2, 4099}, {130, 32}}

func TestSoftmaxAndLogSumExp(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, s := range shapes {
			n, k := s[0], s[1]
			x := optest.Uniform(dev, dt, 6, -4, 4, n, k)
			want, lse := dev.New(dt, n, k), dev.New(dt, n)
			for i := range n {
				sum := 0.0
				for j := range k {
					sum += math.Exp(optest.Get(x, i*k+j))
				}
				for j := range k {
					optest.Set(want, i*k+j, math.Exp(optest.Get(x, i*k+j))/sum)
				}
				optest.Set(lse, i, math.Log(sum))
			}
			y, l := optest.Poisoned(dev, dt, n, k), optest.Poisoned(dev, dt, n)
			Softmax(y, x)
			LogSumExp(l, x)
			optest.Near(t, fmt.Sprint("softmax ", dt, s), y, want, bound[dt])
			optest.Near(t, fmt.Sprint("lse ", dt, s), l, lse, bound[dt])
		}
	}
}

func TestRowExtremes(t *testing.T) {
	dev := kernels.CPU()
	cases := []struct {
		x, soft [2]float64
		lse     float64
	}{
		{[2]float64{1e4, -1e4}, [2]float64{1, 0}, 1e4},
		{[2]float64{-1e4, -1e4}, [2]float64{0.5, 0.5}, -1e4 + math.Ln2},
		{[2]float64{0, -inf}, [2]float64{1, 0}, 0},
		{[2]float64{-inf, -inf}, [2]float64{nan, nan}, -inf},
		{[2]float64{inf, 0}, [2]float64{nan, nan}, inf},
		{[2]float64{nan, 0}, [2]float64{nan, nan}, nan},
		{[2]float64{nan, nan}, [2]float64{nan, nan}, nan},
	}
	for _, c := range cases {
		x := kernels.Of(dev, c.x[:], 1, 2)
		y, l := optest.Poisoned(dev, kernels.Float64, 1, 2), optest.Poisoned(dev, kernels.Float64, 1)
		LogSumExp(l, x)
		Softmax(y, x)
		name := fmt.Sprint(c.x)
		if c.soft[0] != c.soft[0] { // one NaN makes the row useless, wherever it lands
			if s := optest.Get(y, 0) + optest.Get(y, 1); !math.IsNaN(s) {
				t.Errorf("%s: softmax hides it: %v", name, kernels.Data[float64](y))
			}
		} else {
			optest.Near(t, name, y, kernels.Of(dev, c.soft[:], 1, 2), 1e-15)
		}
		optest.Near(t, name+" lse", l, kernels.Of(dev, []float64{c.lse}, 1), 1e-15)
	}
	l := optest.Poisoned(dev, kernels.Float32, 2)
	LogSumExp(l, dev.New(kernels.Float32, 2, 0))
	optest.Near(t, "no columns", l, kernels.Of(dev, []float32{float32(-inf), float32(-inf)}, 2), 0)
}

func TestRowGradients(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	x, w, v := optest.Uniform(dev, f64, 7, -3, 3, 4, 5), optest.Uniform(dev, f64, 8, -1, 1, 4, 5), optest.Uniform(dev, f64, 9, -1, 1, 4)
	y, l, dx := optest.Poisoned(dev, f64, 4, 5), optest.Poisoned(dev, f64, 4), optest.Poisoned(dev, f64, 4, 5)
	soft := func() float64 { Softmax(y, x); return optest.Dot(w, y) }
	soft()
	SoftmaxBackward(dx, w, y)
	optest.Gradient(t, "softmax", dx, x, 1e-5, 1e-8, soft)
	lse := func() float64 { LogSumExp(l, x); return optest.Dot(v, l) }
	lse()
	LogSumExpBackward(dx, v, x, l)
	optest.Gradient(t, "lse", dx, x, 1e-5, 1e-8, lse)
	SoftmaxBackward(nil, w, y)
	LogSumExpBackward(nil, v, x, l)
}

func TestDropout(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, n := range sizes {
			x, mask := optest.Uniform(dev, dt, 10, -1, 1, n), dev.New(kernels.Uint8, n)
			want, y, dx := dev.New(dt, n), optest.Poisoned(dev, dt, n), optest.Poisoned(dev, dt, n)
			for i := range n {
				if i%3 == 0 {
					kernels.Data[uint8](mask)[i] = 1
					optest.Set(want, i, optest.Get(x, i)/0.4)
				} else {
					optest.Set(x, i, nan)
				}
			}
			Dropout(y, x, mask, 0.6)
			DropoutBackward(dx, x, mask, 0.6)
			optest.Near(t, fmt.Sprint(dt, n), y, want, bound[dt])
			optest.Near(t, fmt.Sprint(dt, n), dx, want, bound[dt])
		}
	}
	DropoutBackward(nil, nil, nil, 0.6)
}

func TestDropoutMask(t *testing.T) {
	dev := kernels.CPU()
	const n, d, p = 300, 131, 0.6
	samples, views, mask := dev.New(kernels.Int32, n), dev.New(kernels.Int32, n), dev.New(kernels.Uint8, n, d)
	for i := range n {
		kernels.Data[int32](samples)[i] = int32(i * 7 % 150)
		kernels.Data[int32](views)[i] = int32(i % 2)
	}
	m := kernels.Data[uint8](mask)
	for i := range m {
		m[i] = 9
	}
	DropoutMask(mask, samples, views, 42, kernels.Of(dev, []int32{3}, 1), p)
	kept := 0
	for i := range m {
		r, j := i/d, i%d
		key := rng.Key{Seed: 42, Epoch: 3, Sample: uint32(r * 7 % 150), Op: rng.OpDropout, View: uint16(r % 2)}
		want := uint8(0)
		if float64(rng.Uniform(key.At(uint32(j / 4))[j%4])) >= p {
			want = 1
		}
		if m[i] != want {
			t.Fatalf("row %d element %d: %d", r, j, m[i])
		}
		kept += int(want)
	}
	if rate := float64(kept) / (n * d); math.Abs(rate-(1-p)) > 0.01 {
		t.Errorf("%.3f of the elements are kept, not %.1f", rate, 1-p)
	}
}
