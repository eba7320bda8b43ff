package layout

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"udml-gpu/engine/collection/neighbours"
)

// The forces are the gradients of log closeness and log(1 - closeness) by the point, along the line through both.
func TestForcesAreGradients(t *testing.T) {
	c := closeness{}
	c.a, c.b = curveOf(0.1)
	of := func(d float64) float64 { return 1 / (1 + c.a*math.Pow(d, 2*c.b)) }
	for _, d := range []float64{0.05, 0.3, 1, 2.5, 7} {
		const h = 1e-5
		up := (math.Log(of(d+h)) - math.Log(of(d-h))) / (2 * h)
		if got := c.attract(d*d) * d; !near(got, up, 1e-7*math.Abs(up)+1e-9) { // differences of h err by h^2 and 2^-53/h
			t.Errorf("attraction at %v: %v, want %v", d, got, up)
		}
		down := (math.Log1p(-of(d+h)) - math.Log1p(-of(d-h))) / (2 * h) * d * d / (nearby + d*d)
		if got := c.repel(d*d) * d; !near(got, down, 1e-6*down) {
			t.Errorf("repulsion at %v: %v, want %v", d, got, down)
		}
	}
}

// Between the points of the table lines err by 1/8 of the second derivative times the square of their distance: at most 2^-17 times b (b+1)
// of a power -b, and less than 1e-4 for every b here.
func TestForceTables(t *testing.T) {
	for _, minDist := range []float64{0, 0.1, 0.99} {
		c := closeness{}
		c.a, c.b = curveOf(minDist)
		for name, f := range map[string]func(float64) float64{"attract": c.attract, "repel": c.repel} {
			table := forceOf(f)
			for s := 1.3e-9; s < 1e9; s *= 1.0037 {
				if got, want := float64(table.at(float32(s))), f(float64(float32(s))); !near(got, want, 1e-4*math.Abs(want)) {
					t.Fatalf("%s of %v at %v: %v, want %v", name, minDist, s, got, want)
				}
			}
			for _, s := range []float32{1e-45, 1e-30, 1e20, math.MaxFloat32, float32(math.Inf(1))} {
				if v := table.at(s); math.IsNaN(float64(v - v)) {
					t.Errorf("%s at %v: %v", name, s, v)
				}
			}
		}
	}
}

// ring is a graph of n nodes with their k nearest on a ring, in parts that are not joined.
func ring(n, k, parts int) *neighbours.Graph {
	g := &neighbours.Graph{Items: make([]int, n), K: k}
	size := n / parts
	for i := range n {
		part := i / size * size
		for j := range k {
			step := j/2 + 1
			if j%2 == 1 {
				step = size - step
			}
			g.To, g.Score = append(g.To, int32(part+(i-part+step)%size)), append(g.Score, 1-0.01*float32(j/2+1))
		}
	}
	return g
}

// circle is a start around a centre.
func circle(n int) []float32 {
	list := make([]float32, 0, 2*n)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		list = append(list, float32(5*cos), float32(5*sin))
	}
	return list
}

// The same seed gives the same places on any number of cores; another one others.
func TestPlaceIsDeterministic(t *testing.T) {
	g, start := ring(3000, 6, 3), circle(3000)
	at := func(cores int, seed uint64) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		return Place(g, start, Options{MinDist: 0.1, Epochs: 20, Seed: seed})
	}
	one, four, other := at(1, 7), at(4, 7), at(4, 8)
	if !slices.Equal(one, four) {
		t.Error("4 cores give other places than 1")
	}
	if slices.Equal(four, other) {
		t.Error("another seed gives the same places")
	}
}

// Parts that nothing joins stay apart, and within bounds.
func TestPartsStayApart(t *testing.T) {
	const n, parts = 600, 3
	at := Place(ring(n, 6, parts), circle(n), Options{MinDist: 0.1})
	lo, hi := bounds(at)
	if size := max(hi[0]-lo[0], hi[1]-lo[1]); !(size > 5 && size < 100) {
		t.Errorf("the map has the size %v", size)
	}
	for i := range n { // the nearest point is of the same part
		best, least := -1, math.Inf(1)
		for j := range n {
			if d := math.Hypot(float64(at[2*i]-at[2*j]), float64(at[2*i+1]-at[2*j+1])); j != i && d < least {
				best, least = j, d
			}
		}
		if best < 0 || best/(n/parts) != i/(n/parts) {
			t.Fatalf("point %d is nearest to %d, of another part", i, best)
		}
	}
}

// A stopped placement ends before its next epoch, and progress is that of the epochs.
func TestPlaceStops(t *testing.T) {
	var seen []string
	Place(ring(60, 4, 1), circle(60), Options{
		Epochs: 9, Stop: func() bool { return len(seen) == 2 },
		Progress: func(done, total int) { seen = append(seen, fmt.Sprint(done, total)) },
	})
	if !slices.Equal(seen, []string{"1 9", "2 9"}) {
		t.Error(seen)
	}
}

// joined is a graph of parts of size nodes: each has the k-1 nearest of its part on a ring and, less sure, one of the next part.
func joined(parts, size, k int) *neighbours.Graph {
	g := ring(parts*size, k, parts)
	for i := range parts * size {
		g.To[i*k+k-1] = int32((i + size) % (parts * size))
		for j := range k {
			g.Score[i*k+j] = 0.9 - 0.01*float32(j)
		}
		g.Score[i*k+k-1] = 0.6
	}
	return g
}

// extentOf is the larger of width and height after the half of the epochs in which strong pulls come first.
func extentOf(p *placing) float32 {
	for p.epoch = range p.epochs / 2 {
		for b := range blocks {
			p.moveBlock(b, 1-float32(p.epoch)/float32(p.epochs))
		}
	}
	var flat []float32
	for _, y := range p.at {
		flat = append(flat, y[0], y[1])
	}
	lo, hi := bounds(flat)
	return max(hi[0]-lo[0], hi[1]-lo[1])
}

// Parts that weak edges join are held together: where the pulls come in any order, they drift apart.
func TestWeakEdgesHold(t *testing.T) {
	g := joined(12, 40, 11)
	start := circle(12 * 40)
	ordered, anyhow := newPlacing(g, start, Options{MinDist: 0.1}), newPlacing(g, start, Options{MinDist: 0.1})
	anyhow.strongFirst = anyhow.pulls
	if a, b := extentOf(ordered), extentOf(anyhow); !(a < 0.8*b) {
		t.Errorf("an extent of %.1f, %.1f where pulls come in any order", a, b)
	}
}
