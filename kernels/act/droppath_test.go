package act

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
	"udml-gpu/kernels/rng"
)

// TestDropPath: rows are scaled by 1/(1-p) or 0, also where a dropped one is NaN, and the gradient is the same map; in place too.
func TestDropPath(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, shape := range [][]int{{0, 3}, {3, 0}, {1, 1}, {5, 7}, {6, 2, 3, 5}, {300, 40}} {
			n := shape[0]
			x, keep := optest.Uniform(dev, dt, 10, -1, 1, shape...), dev.New(kernels.Uint8, n)
			want, y, dx := dev.New(dt, shape...), optest.Poisoned(dev, dt, shape...), optest.Poisoned(dev, dt, shape...)
			for i := range x.Len() {
				if row := i / (x.Len() / n); row%3 == 0 {
					kernels.Data[uint8](keep)[row] = 1
					optest.Set(want, i, optest.Get(x, i)/0.7)
				} else {
					optest.Set(x, i, nan)
				}
			}
			DropPath(y, x, keep, 0.3)
			DropPathBackward(dx, x, keep, 0.3)
			DropPath(x, x, keep, 0.3)
			for _, got := range []*kernels.Array{y, dx, x} {
				optest.Near(t, fmt.Sprint(dt, shape), got, want, bound[dt])
			}
		}
	}
	DropPathBackward(nil, nil, nil, 0.3)
}

// TestDropPathMask: a row's bit is a function of seed, epoch, sample, view and branch, and of no other row; of all bits as many are 1 as
// the probability says, and two branches agree no more often than chance has it.
func TestDropPathMask(t *testing.T) {
	dev := kernels.CPU()
	const n, p = 20000, 0.3
	samples, views := dev.New(kernels.Int32, n), dev.New(kernels.Int32, n)
	for i := range n {
		kernels.Data[int32](samples)[i], kernels.Data[int32](views)[i] = int32(i*7%(n/2)), int32(i%2)
	}
	epoch := kernels.Of(dev, []int32{3}, 1)
	var masks [2][]uint8
	for b, branch := range []int{2, 7} {
		keep := dev.New(kernels.Uint8, n)
		DropPathMask(keep, samples, views, 42, epoch, branch, p)
		masks[b] = kernels.Data[uint8](keep)
		kept := 0
		for i, bit := range masks[b] {
			key := rng.Key{Seed: 42, Epoch: 3, Sample: uint32(i * 7 % (n / 2)), Op: rng.OpDropPath, View: uint16(i % 2)}
			want := uint8(0)
			if float64(rng.Uniform(key.At(uint32(branch / 4))[branch%4])) >= p {
				want = 1
			}
			if bit != want {
				t.Fatalf("branch %d row %d: %d", branch, i, bit)
			}
			kept += int(want)
		}
		// 4 deviations of a count of n
		if rate := float64(kept) / n; !(math.Abs(rate-(1-p)) <= 4*math.Sqrt(p*(1-p)/n)) {
			t.Errorf("branch %d: %.3f of the rows are kept, not %.1f", branch, rate, 1-p)
		}
		one := dev.New(kernels.Uint8, 1)
		DropPathMask(one, samples.Rows(77, 78), views.Rows(77, 78), 42, epoch, branch, p)
		if got := kernels.Data[uint8](one)[0]; got != masks[b][77] {
			t.Errorf("branch %d: row 77 alone is %d", branch, got)
		}
	}
	same, q := 0, p*p+(1-p)*(1-p)
	for i, bit := range masks[0] {
		if bit == masks[1][i] {
			same++
		}
	}
	if rate := float64(same) / n; !(math.Abs(rate-q) <= 4*math.Sqrt(q*(1-q)/n)) {
		t.Errorf("two branches agree in %.3f of the rows, not %.3f", rate, q)
	}
}

// TestParityDropPath: the masks are the same bits for any p and branch; a product rounds once on each device.
func TestParityDropPath(t *testing.T) {
	for _, s := range rowShapes {
		x, keep := parity.Floats(1, -3, 3, s[:]...).Awkward(), parity.Bytes(4, 2, s[0])
		c := parity.Case{
			Name: fmt.Sprint(s), Bound: some, Large: s[0]*s[1] > 10000, In: tensors{x, keep},
			Out: tensors{parity.Output(kernels.Float32, s[:]...)},
			Run: func(out, in arrays) { DropPath(out[0], in[0], in[1], 0.3) },
		}
		parity.Run(t, c, c.Stored([]int{0}, []int{0}))
	}
	for _, n := range []int{0, 1, 33, 300, 300000} {
		for branch, p := range []float64{0.6, 0, 0.3, 1, 1.5, -1} {
			samples, views := parity.Ints(1, 1<<20, n), parity.Ints(2, 2, n)
			parity.Run(t, parity.Case{
				Name: fmt.Sprint("mask ", n, " ", p), Large: n > 50000, In: tensors{samples, views, epochThree},
				Out: tensors{parity.Output(kernels.Uint8, n)},
				Run: func(out, in arrays) { DropPathMask(out[0], in[0], in[1], 1<<40+42, in[2], branch, p) },
			})
		}
	}
}
