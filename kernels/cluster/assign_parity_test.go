package cluster

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// Rows and centroids of whole numbers have exact distances: every implementation must choose the same of equal
// ones, with dist or without.
func TestParityAssign(t *testing.T) {
	var cases []parity.Case
	for _, s := range [][3]int{
		{0, 3, 2},
		{4, 0, 2},
		{3, 2, 0},
		{1, 1, 1},
		{7, 3, 5},
		{129, 31, 3},
		{127, 257, 17},
		{40, 1031, 130},
		{65537, 5, 2},
	} {
		cases = append(cases, assignCase(s[0], s[1], s[2]))
	}
	parity.Run(t, cases...)
}

func assignCase(n, k, d int) parity.Case {
	x, c := wholeTensor(1, n, d), wholeTensor(2, k, d)
	if n > 5 && d > 1 {
		x = x.With(map[int]float64{3: math.NaN(), 2*d + 1: math.Inf(1)})
	}
	return parity.Case{
		Name: fmt.Sprintf("%dx%dx%d", n, k, d), Bound: 0, Large: n > 1000, // exact
		In:  []parity.Tensor{x, c},
		Out: []parity.Tensor{parity.Output(kernels.Int32, n), parity.Output(kernels.Int32, n), parity.Output(kernels.Float32, n)},
		Run: func(out, in []*kernels.Array) {
			Assign(out[0], out[2], in[0], in[1])
			Assign(out[1], nil, in[0], in[1])
		},
	}
}

// wholeTensor is whole numbers from -3 to 3.
func wholeTensor(seed uint64, n, d int) parity.Tensor {
	x := parity.Floats(seed, -3, 4, n, d)
	at := x.At
	x.At = func(i int) float64 { return math.Floor(at(i)) }
	return x
}

// TestParityAssignNearly: the chosen centroid is at most twice the bound of distance.Pairwise further away than the
// nearest, also where distances round. For 65 elements below 2 in size that bound is 85 2^-24 (|x|^2 + |c|^2) <
// 0.003, and no distance is off by more.
func TestParityAssignNearly(t *testing.T) {
	const n, k, d, bound = 60, 300, 65, 85 * 0x1p-24 * 4 * 65 * 2
	parity.Run(t, parity.Case{
		Name: "nearly", In: []parity.Tensor{parity.Floats(1, -2, 2, n, d), parity.Floats(2, -2, 2, k, d)},
		Out: []parity.Tensor{parity.Output(kernels.Int32, n), parity.Output(kernels.Float32, n)},
		Run: func(out, in []*kernels.Array) { Assign(out[0], out[1], in[0], in[1]) },
		Check: func(t testing.TB, in, want, got []*kernels.Array) {
			x, c, label, dist := parity.Numbers(in[0]), parity.Numbers(in[1]), parity.Numbers(got[0]), parity.Numbers(got[1])
			for i, nearest := range parity.Numbers(want[1]) {
				j := int(label[i])
				if j < 0 || j >= k {
					t.Fatalf("row %d has label %d", i, j)
				}
				exact := squaredDistance(x[i*d:(i+1)*d], c[j*d:(j+1)*d])
				if !(exact <= nearest+2*bound) || !(math.Abs(dist[i]-exact) <= bound) {
					t.Fatalf("row %d: centroid %d at %g, said %g, nearest at %g", i, j, exact, dist[i], nearest)
				}
			}
		},
	})
}
