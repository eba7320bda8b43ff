package distance

import (
	"math"
	"os"
	"os/exec"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// TestGPUGroups: searches by warpgroups give the bytes of the usual ones where the device adds up the products of both in one order, as the
// emulated one does. That has the shared memory of the smallest GPUs unless told otherwise, so the test runs itself again as a program with
// more.
func TestGPUGroups(t *testing.T) {
	onHopper(t, groupShared(groupChunks[tileSplit])+mostRest, func(t *testing.T, dev *kernels.Device) {
		cases := slices.Clone(groupCases)
		for _, f := range boundCases {
			cases = append(cases, groupCase{n: 40, m: 600, d: 20, self: -1, of: f})
		}
		if dev.Precision() == kernels.TF32 {
			cases = append(cases[3:5], cases[len(cases)-3:]...) // its kernels differ from those of bf16 by one instruction
		}
		for _, c := range cases {
			for _, m := range []Metric{SquaredL2, Cosine, InnerProduct} {
				c.check(t, dev, m)
			}
		}
	})
}

// onHopper runs a test of kernels of warpgroups, with that much dynamic shared memory, at each precision.
func onHopper(t *testing.T, shared int, f func(t *testing.T, dev *kernels.Device)) {
	t.Helper()
	parity.OnGPU(t, func(t *testing.T, usual *kernels.Device) {
		if !usual.Hopper(shared) {
			runWithSharedMemory(t)
			return
		}
		for _, p := range []kernels.Precision{kernels.FP32, kernels.TF32, kernels.BF16} {
			t.Run(p.String(), func(t *testing.T) {
				dev, err := kernels.CUDA(0, p)
				if err != nil {
					t.Fatal(err)
				}
				defer dev.Close()
				f(t, dev)
			})
		}
	})
}

// groupCase is n rows, which are those of y from self on unless that is -1, searched for among m of d elements.
// Each element is multiplied by what `of` says for its number and its row, if there is one.
type groupCase struct {
	n, m, d, self int
	of            func(x float64, row int) float64
}

var groupCases = []groupCase{
	{1, 1, 1, -1, nil},
	{5, 300, 33, -1, nil},
	{128, 128, 64, -1, nil},
	{300, 513, 65, 0, nil},
	{129, 700, 128, 200, nil},
	{257, 129, 192, -1, nil}, // in float32 too wide for warpgroups
	{64, 1500, 100, -1, nil},
	{700, 700, 24, 0, nil},
}

// boundCases are for the bounds of scores, by which warpgroups leave out what no search asks for (include/warpgroup_score.cuh): equal
// scores, and rows of all lengths, which are packed with their own scales or none, have figures that are no numbers, and cancel.
var boundCases = []func(x float64, row int) float64{
	func(x float64, _ int) float64 { return math.Round(2 * x) },
	func(x float64, _ int) float64 { return x * 1e-25 },
	func(x float64, _ int) float64 { return x * 1e17 },
	func(x float64, row int) float64 { return x * math.Pow(10, float64(row%75-37)) },
	func(x float64, row int) float64 { // nearly equal rows, but few in a part
		if row%32 == 0 {
			return 1 + 2e-4*x
		}
		return x
	},
	func(x float64, row int) float64 {
		return x * []float64{1, math.NaN(), 1, math.Inf(1), 1, 0, 1e-40, 1e-3}[row%31%8]
	},
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

// check searches by both kinds of kernels and compares what they find.
func (c groupCase) check(t *testing.T, dev *kernels.Device, metric Metric) {
	t.Helper()
	y := parity.Floats(2, -1, 1, c.m, c.d)
	x := parity.Floats(1, -1, 1, c.n, c.d)
	if c.self >= 0 {
		x = parity.Tensor{Type: y.Type, Shape: []int{c.n, c.d}, At: func(i int) float64 { return y.At((i + c.self*c.d) % (c.m * c.d)) }}
	}
	y = spoiled(y)
	if c.of != nil {
		x, y = c.changed(x), c.changed(y)
	}
	a, b := tensor(dev, x), tensor(dev, y)
	defer a.Free()
	defer b.Free()
	by, blocks := byGroups, groupBlocks
	defer func() { byGroups, groupBlocks = by, blocks }()
	byGroups = true
	tiles := newTiling(a, metric)
	if fit := c.d <= groupChunks[tiles.format]*tiles.format.depth(); tiles.groups() != fit {
		t.Fatalf("%+v in %v: by warpgroups is %v", c, dev.Precision(), !fit)
	} else if !fit {
		return
	}
	groupBlocks = []int{blocks, 1, 3}[metric] // fewer blocks have more tiles of y each, and use stages again
	byGroups = false
	want, wantNearest := c.search(dev, a, b, metric)
	byGroups = true
	got, nearest := c.search(dev, a, b, metric)
	if err := dev.Err(); err != nil {
		t.Fatal(err)
	}
	if parity.Emulated(t) {
		for i, was := range want {
			if math.Float32bits(was) != math.Float32bits(got[i]) {
				t.Fatalf("%+v, %v: result %d is %g, want %g", c, metric, i, got[i], was)
			}
		}
		return
	}
	// A real GPU adds up the 16 products of an instruction in an order of its own for each kind, and the best may then be another one that
	// is as near. A product of either is off by up to (D/16 + 12) u |x| |y| (tile.cuh), a squared distance by twice that; |x| |y| is at
	// most D. The other searches are held against the CPU's on whole numbers, by TestParityPrecisions.
	if c.of != nil {
		return // no bound holds for rows of all lengths
	}
	bound := 4 * (float64(c.d)/16 + 12) * 0x1p-24 * float64(c.d)
	for i, was := range wantNearest {
		is := nearest[i]
		if math.Float32bits(was) != math.Float32bits(is) && !(math.Abs(float64(was)-float64(is)) <= bound) {
			t.Fatalf("%+v, %v, row %d: nearest at %g, want %g", c, metric, i, is, was)
		}
	}
}

func (c groupCase) changed(x parity.Tensor) parity.Tensor {
	at := x.At
	x.At = func(i int) float64 { return c.of(at(i), i/c.d) }
	return x
}

// search is what all searches find, and how near the nearest are.
func (c groupCase) search(dev *kernels.Device, x, y *kernels.Array, metric Metric) (all, nearest []float32) {
	vals, idx := dev.New(kernels.Float32, c.n, 1), dev.New(kernels.Int32, c.n, 1)
	nearestCUDA(vals, idx, x, y, metric, c.self)
	nearest = kernels.Read[float32](vals)
	all = append(append(all, nearest...), floats(idx)...)
	rank := dev.New(kernels.Int32, c.n)
	// Labels in order, as evaluation has them: tiles of y then share few of them with those of x.
	own, labels := kernels.Of(dev, inOrder(ids(c.n, 1+c.n/20)), c.n), kernels.Of(dev, inOrder(ids(c.m, 1+c.n/20)), c.m)
	bestCUDA(rank, x, y, own, labels, metric, c.self)
	all = append(all, floats(rank)...)
	const k = 20
	best, places := dev.New(kernels.Float32, c.n, k), dev.New(kernels.Int32, c.n, k)
	topKCUDA(best, places, x, y, metric, c.self)
	all = append(append(all, kernels.Read[float32](best)...), floats(places)...)
	for _, a := range []*kernels.Array{vals, idx, rank, own, labels, best, places} {
		a.Free()
	}
	return all, nearest
}

func inOrder(labels []int32) []int32 {
	slices.Sort(labels)
	return labels
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
