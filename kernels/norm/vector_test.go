package norm

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/optest"
)

// ReLU led back by the gate is ReLU led back by its output, bit for bit.
func TestBatchNormBackwardGate(t *testing.T) {
	for _, dt := range types {
		for _, c := range bnCases {
			c.relu = true
			b := newBN(c, dt)
			if b.x.Len() > 0 {
				optest.Set(b.x, b.x.Len()/2, math.NaN())
			}
			b.run()
			ch := b.gamma.Len()
			dy, gated := optest.Uniform(b.dev, dt, 4, -1, 1, c.shape...), optest.Uniform(b.dev, dt, 4, -1, 1, c.shape...)
			act.ReLUBackward(dy, dy, b.y)
			db := b.dev.New(dt, ch)
			BatchNormBackward(nil, nil, db, gated, b.x, b.gamma, b.beta, b.weights, b.s)
			optest.Near(t, fmt.Sprint(dt, c), gated, dy, 0)
		}
	}
}

// The loops in C and in Go have the same bits.
func TestVectorLoops(t *testing.T) {
	if !vector.Available() || runtime.GOARCH != "amd64" {
		t.Skip("without the loops in C, or where Go fuses products with sums")
	}
	for _, rows := range []int{1, 2, 3, 4, 5, 11} {
		for _, c := range []int{1, 3, 8, 17, 64, 67} {
			name := fmt.Sprint(rows, "x", c)
			r := func(seed uint64, n int) []float32 {
				return kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, seed, -1, 1, n))
			}
			x, dy, coef := r(1, rows*c), r(2, rows*c), r(3, 3*c)
			x[rows*c/2] = float32(math.NaN())
			a, b, o := coef[:c], coef[c:2*c], coef[2*c:]
			got, want := r(4, 2*c), r(4, 2*c)
			sumMoments(got[:c], got[c:], a, x)
			addGradients(got[:c], got[c:], dy, x, a)
			i := 0
			for ; i+4 <= rows; i += 4 {
				addMoments4(want[:c], want[c:], a, x[i*c:])
			}
			for ; i < rows; i++ {
				addMoments(want[:c], want[c:], a, x[i*c:])
			}
			for i = 0; i+2 <= rows; i += 2 {
				addGradients2(want[:c], want[c:], dy[i*c:], x[i*c:], a)
			}
			if i < rows {
				addGradients1(want[:c], want[c:], dy[i*c:], x[i*c:], a)
			}
			sameBits(t, name+" sums", got, want)
			y, z := r(5, rows*c), r(5, rows*c)
			affineRows(y, x, a, b, o, 0)
			for i := range rows {
				affineRow(z[i*c:], x[i*c:], a, b, o, 0)
			}
			sameBits(t, name+" affine", y, z)
			y, z = r(5, rows*c), r(5, rows*c)
			gateRows(y, x, a, b, o)
			combineRows(y, y, x, coef)
			for i := range rows {
				gateRow(z[i*c:], x[i*c:], a, b, o)
				combineRow(z[i*c:i*c+c], z[i*c:i*c+c], x[i*c:i*c+c], coef)
			}
			sameBits(t, name+" gate and combine", y, z)
		}
	}
}

// sameBits compares all bits, and takes every NaN for the same.
func sameBits(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i, w := range want {
		if g := got[i]; math.Float32bits(g) != math.Float32bits(w) && (g == g || w == w) {
			t.Fatalf("%s: element %d is %g, want %g", name, i, g, w)
		}
	}
}
