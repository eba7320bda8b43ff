package attention

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// TestExponential: within 1.5 2^-23 of the exponential, 0 below -87, NaN kept.
func TestExponential(t *testing.T) {
	for x := float32(-86.99); x < 88; x += 0.00137 {
		want := math.Exp(float64(x))
		if off := math.Abs(float64(exponential32(x))-want) / want; !(off <= 1.5*0x1p-23) {
			t.Fatalf("exp(%g) is off by %g", x, off)
		}
	}
	for _, x := range []float32{-87.1, -1e30, float32(math.Inf(-1))} {
		if got := exponential32(x); got != 0 {
			t.Errorf("exp(%g) is %g", x, got)
		}
	}
	if got := exponential32(0); got != 1 {
		t.Errorf("exp(0) is %g", got)
	}
	if got := exponential32(float32(math.NaN())); got == got {
		t.Errorf("exp(NaN) is %g", got)
	}
}

// TestVectorLoops: the loops in C give the bits of those in Go.
func TestVectorLoops(t *testing.T) {
	if !vectorised[float32]() {
		t.Skip("this build is without the loops in C")
	}
	for _, cols := range []int{1, 15, 16, 17, 33, 197} {
		const rows = 5
		ld := cols + 3
		numbers := func(seed uint64, reach float64, n int) []float32 {
			x := kernels.Data[float32](optest.Uniform(kernels.CPU(), kernels.Float32, seed, -reach, reach, n))
			x[n/2] = float32(math.NaN())
			return x
		}
		for _, reach := range []float64{1, 60, 300} {
			run := func(softmax func(s, largest, sum, factor []float32, cols, ld int),
				gradient func(s, ds, lse, delta []float32, scale float32, cols, ld int),
				turn func(out, in []float32, rows, cols, ldo, ldi int),
			) []float32 {
				s, ds, stats := numbers(1, reach, rows*ld), numbers(2, 1, rows*ld), numbers(3, reach, 5*rows)
				softmax(s, stats[:rows], stats[rows:2*rows], stats[2*rows:3*rows], cols, ld)
				p := numbers(4, reach, rows*ld)
				for i := range rows {
					stats[3*rows+i] = float32(reach)
				}
				gradient(p, ds, stats[3*rows:4*rows], stats[4*rows:], 0.3, cols, ld)
				out := make([]float32, cols*(rows+1))
				turn(out, s, rows, cols, rows+1, ld)
				return append(append(append(append(s, p...), ds...), stats...), out...)
			}
			got := run(softmaxRows[float32], softmaxGradientRows[float32], turn[float32])
			want := run(plainSoftmaxRows[float32], plainSoftmaxGradientRows[float32], plainTurn[float32])
			for i, w := range want {
				if got[i] != w && (got[i] == got[i] || w == w) {
					t.Fatalf("%d columns, reach %g: element %d is %g, Go's is %g", cols, reach, i, got[i], w)
				}
			}
		}
	}
}
