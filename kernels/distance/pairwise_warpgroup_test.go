package distance

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// streamCases are rows of one chunk to many, parts that end within a tile, and more rows of parts than a band has. Blocks are fewer than
// parts, so that each takes several.
var streamCases = []groupCase{
	{1, 1, 1, -1, nil},
	{130, 300, 33, -1, nil},
	{257, 129, 128, -1, nil},
	{300, 514, 200, -1, nil},
	{64, 255, 513, -1, nil},
	{2100, 130, 8, -1, nil},
}

// TestGPUGroupsPairwise: the whole matrix by warpgroups has the bytes of the usual kernels where the device adds up the products of both in
// one order, as TestGPUGroups for the searches; a real GPU is held to a bound.
func TestGPUGroupsPairwise(t *testing.T) {
	onHopper(t, streamShared, func(t *testing.T, dev *kernels.Device) {
		cases := slices.Clone(streamCases)
		for _, f := range boundCases {
			cases = append(cases, groupCase{n: 40, m: 130, d: 20, self: -1, of: f})
		}
		if dev.Precision() == kernels.TF32 {
			cases = cases[3:5] // its kernels differ from those of bf16 by one instruction
		}
		for i, c := range cases {
			c.checkPairwise(t, dev, []Metric{SquaredL2, Cosine, InnerProduct}[i%3])
		}
	})
}

// checkPairwise compares the matrices of both kinds of kernels.
func (c groupCase) checkPairwise(t *testing.T, dev *kernels.Device, metric Metric) {
	t.Helper()
	x, y := parity.Floats(1, -1, 1, c.n, c.d), spoiled(parity.Floats(2, -1, 1, c.m, c.d))
	if c.of != nil {
		x, y = c.changed(x), c.changed(y)
	}
	a, b := tensor(dev, x), tensor(dev, y)
	defer a.Free()
	defer b.Free()
	by, blocks := byGroups, streamBlocks
	defer func() { byGroups, streamBlocks = by, blocks }()
	streamBlocks = func(*kernels.Device) int { return 2 }
	var found [2][]float32
	for i := range found {
		byGroups = i == 1
		if newTiling(a, metric).streams() != byGroups {
			t.Fatalf("by warpgroups is %v", !byGroups)
		}
		dst := dev.New(kernels.Float32, c.n, c.m)
		pairwiseCUDA(dst, a, b, metric)
		found[i] = kernels.Read[float32](dst)
		dst.Free()
	}
	if err := dev.Err(); err != nil {
		t.Fatal(err)
	}
	// A product of either is off by up to (D/16 + 12) u |x| |y| (tile.cuh), a squared distance by twice that; |x| |y| is at most D.
	bound := 4 * (float64(c.d)/16 + 12) * 0x1p-24 * float64(c.d)
	if parity.Emulated(t) {
		bound = 0
	} else if c.of != nil {
		return // no bound holds for rows of all lengths
	}
	for i, want := range found[0] {
		got := found[1][i]
		if math.Float32bits(want) != math.Float32bits(got) && !(math.Abs(float64(want)-float64(got)) <= bound) {
			t.Fatalf("%+v, %v: row %d, column %d is %g, want %g", c, metric, i/c.m, i%c.m, got, want)
		}
	}
}
