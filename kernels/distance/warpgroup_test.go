package distance

import (
	"math"
	"os"
	"os/exec"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUGroups: a search by warpgroups gives the bytes of the usual one where the device adds up the products of both in one order, as
// the emulated one does. That has the shared memory of the smallest GPUs unless told otherwise, so the test runs itself again as a program
// with more.
func TestGPUGroups(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, shared *kernels.Device) {
		if !shared.Hopper(groupShared(groupChunks)) {
			runWithSharedMemory(t)
			return
		}
		dev, err := kernels.CUDA(0, kernels.BF16)
		if err != nil {
			t.Fatal(err)
		}
		defer dev.Close()
		for _, c := range []struct{ n, m, d, self int }{
			{1, 1, 1, -1},
			{5, 300, 33, -1},
			{128, 128, 64, -1},
			{300, 513, 65, 0},
			{129, 700, 128, 200},
			{257, 129, 192, -1},
			{64, 1500, 100, -1},
			{700, 700, 24, 0},
		} {
			for _, m := range []Metric{SquaredL2, Cosine, InnerProduct} {
				checkGroups(t, dev, c.n, c.m, c.d, c.self, m)
			}
		}
	})
}

// runWithSharedMemory runs the calling test again with the emulated device of an H100's shared memory.
func runWithSharedMemory(t *testing.T) {
	if !parity.Emulated(t) {
		t.Log("this GPU has no products of warpgroups: compute capability 9.0 alone has")
		return
	}
	again := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), "UDML_EMU_SHARED=232448")
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("with more shared memory: %v\n%s", err, out)
	}
}

func checkGroups(t *testing.T, dev *kernels.Device, n, m, d, self int, metric Metric) {
	t.Helper()
	y := parity.Floats(2, -1, 1, m, d)
	x := parity.Floats(1, -1, 1, n, d)
	if self >= 0 {
		x = parity.Tensor{Type: y.Type, Shape: []int{n, d}, At: func(i int) float64 { return y.At((i + self*d) % (m * d)) }}
	}
	a, b := tensor(dev, x), tensor(dev, spoiled(y))
	defer a.Free()
	defer b.Free()
	var vals [2][]float32
	var idx [2][]int32
	for i, by := range []bool{false, true} {
		byGroups = by
		v, at := dev.New(kernels.Float32, n, 1), dev.New(kernels.Int32, n, 1)
		nearestCUDA(v, at, a, b, metric, self)
		vals[i], idx[i] = kernels.Read[float32](v), kernels.Read[int32](at)
		v.Free()
		at.Free()
	}
	if err := dev.Err(); err != nil {
		t.Fatal(err)
	}
	// A real GPU adds up the 16 products of an instruction in an order of its own for each kind, and the best may then be another one that
	// is as near. A product of either is off by up to (D/16 + 12) u |x| |y| (tile.cuh), a squared distance by twice that; |x| |y| is at
	// most D.
	bound := 0.0
	if !parity.Emulated(t) {
		bound = 4 * (float64(d)/16 + 12) * 0x1p-24 * float64(d)
	}
	for i, was := range vals[0] {
		is := vals[1][i]
		same := math.Float32bits(was) == math.Float32bits(is) && idx[0][i] == idx[1][i]
		if !same && !(math.Abs(float64(was)-float64(is)) <= bound && bound > 0) {
			t.Errorf("%dx%dx%d, self %d, %v, row %d: %g of %d, want %g of %d", n, m, d, self, metric, i, is, idx[1][i], was, idx[0][i])
			return
		}
	}
}

// spoiled is x with a row of NaN, one of infinities, one of zeros, and one that is nearly the row before.
func spoiled(x parity.Tensor) parity.Tensor {
	at, d := x.At, x.Shape[1]
	x.At = func(i int) float64 {
		switch i / d {
		case 7:
			return math.NaN()
		case 8:
			return math.Inf(1)
		case 9:
			return 0
		case 11:
			return at(i-d) * (1 + 1e-5)
		}
		return at(i)
	}
	return x
}
