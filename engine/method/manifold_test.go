package method

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels/golden"
)

// byDistance are the places of all rows of unit vectors x [n,d], nearest to each first.
func byDistance(x []float32, n, d int) []int32 {
	near := make([]int32, 0, n*n)
	for i := range n {
		s, order := make([]float64, n), make([]int32, n)
		for j := range n {
			order[j] = int32(j)
			for c := range d {
				s[j] += float64(x[i*d+c]) * float64(x[j*d+c])
			}
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(s[b], s[a]) })
		near = append(near, order...)
	}
	return near
}

// firstOf are the first k of each width of list.
func firstOf(list []int32, width, k int) (first []int32) {
	for at := 0; at < len(list); at += width {
		first = append(first, list[at:at+k]...)
	}
	return first
}

// TestMiningEqualsNumpy: positives, their similarities and negatives are those of dense matrices and SciPy's conjugate gradients.
func TestMiningEqualsNumpy(t *testing.T) {
	f := golden.Open(t, "mom")
	shape := f.Shape("mining/x")
	n, d := shape[0], shape[1]
	x := make([]float32, 0, n*d)
	for _, v := range f.Floats("mining/x") {
		x = append(x, float32(v))
	}
	k := mining{neighbours: 8, positives: 6, negatives: 20, alpha: 0.99}
	near := firstOf(byDistance(x, n, d), n, k.width())
	p := newPools(n)
	if err := k.mine(context.Background(), p, x, d, near, func(int) {}); err != nil {
		t.Fatal(err)
	}
	if err := p.check(); err != nil {
		t.Error(err)
	}
	for name, pool := range map[string][]float32{"positives": p.positive, "negatives": p.negative} {
		all, width := f.Int32s("mining/"+name), f.Shape("mining/" + name)[1]
		for i := range n {
			want := slices.DeleteFunc(slices.Clone(all[i*width:(i+1)*width]), func(j int32) bool { return j < 0 })
			if got := p.members(pool, i); !slices.Equal(got, want) {
				t.Fatalf("the %s of %d are %v, want %v", name, i, got, want)
			}
		}
	}
	weights, width := f.Floats("mining/weights"), f.Shape("mining/weights")[1]
	for i := range n {
		for at, want := range weights[i*width : (i+1)*width] {
			// float64 rounding, enlarged by the matrix's condition of up to 199 in each of 20 steps, and one rounding to float32.
			if got := float64(p.weight[i*p.size+at]); !(math.Abs(got-want) <= 1e-9+0x1p-24*want) {
				t.Fatalf("positive %d of %d weighs %g, want %g", at, i, got, want)
			}
		}
	}
}

// TestDiffusionSolves: where conjugate gradients have enough steps, as on a small ring, they solve the system; images that no path joins
// have a similarity of 0, and an image alone one of 1 with itself.
func TestDiffusionSolves(t *testing.T) {
	// Images 0 to 7 are a ring, 8 and 9 a pair, 10 alone.
	near := []int32{
		0, 1, 7, 1, 2, 0, 2, 3, 1, 3, 4, 2, 4, 5, 3, 5, 6, 4, 6, 7, 5, 7, 0, 6,
		8, 9, -1, 9, 8, -1, 10, 8, 9,
	}
	x := make([]float32, 0, 22)
	for i := range 11 {
		angle := 0.1 * float64(i)
		x = append(x, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	g := newAffinity(x, 2, near, 3, 3)
	part := [11]int{8: 1, 9: 1, 10: 2}
	const alpha = 0.9
	f := newDiffusion(11)
	for q := range 11 {
		m := f.from(g, alpha, q)
		for i := range m {
			left := m[i]
			for e := g.first[i]; e < g.first[i+1]; e++ {
				left -= alpha * g.weight[e] * m[g.to[e]]
			}
			want := 0.0
			if i == q {
				want = 1
			}
			if !(math.Abs(left-want) <= 2e-10) { // the rest at which the steps end, and rounding
				t.Errorf("row %d of the system for %d is %g, want %g", i, q, left, want)
			}
			if (m[i] != 0) != (part[i] == part[q]) {
				t.Errorf("%d has similarity %g to %d", i, m[i], q)
			}
		}
	}
	if g.first[11]-g.first[10] != 0 {
		t.Error("an image that is near to none is joined to one")
	}
}

// TestLargest: of NaN, 0, equal and negative numbers.
func TestLargest(t *testing.T) {
	m := []float64{0, 3, -1, 3, math.NaN(), 5, 1e-9, 2}
	for k, want := range map[int][]int32{1: {5}, 2: {5, 1}, 3: {5, 1, 3}, 4: {5, 1, 3, 7}, 9: {5, 1, 3, 7, 6}} {
		if got := largest(m, k); !slices.Equal(got, want) {
			t.Errorf("%d largest are %v, want %v", k, got, want)
		}
	}
}

// TestMiningStops: by its context.
func TestMiningStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	k := mining{neighbours: 2, positives: 2, negatives: 2, alpha: 0.99}
	if err := k.mine(ctx, newPools(2), []float32{1, 0, 0, 1}, 2, []int32{0, 1, 1, 0}, func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
