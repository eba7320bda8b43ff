package method

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/rng"
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
	if err := k.mine(context.Background(), p, x, d, near); err != nil {
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

// TestDiffusionSolves: where conjugate gradients have enough steps, as on a small ring, they solve the system; images that no path joins have
// a similarity of 0, and an image alone one of 1 with itself.
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
	if err := k.mine(ctx, newPools(2), []float32{1, 0, 0, 1}, 2, []int32{0, 1, 1, 0}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// pooled has pools by hand: 0 with two positives and one negative, 2 with one and twelve, 1 without negatives.
func pooled() *pools {
	p := newPools(20)
	p.positive[0], p.positive[1], p.weight[0], p.weight[1] = 6, 7, 0.5, 0.25
	p.negative[0] = 9
	p.positive[p.size], p.weight[p.size] = 4, 1
	p.positive[2*p.size], p.weight[2*p.size] = 8, 2
	for i := range 12 {
		p.negative[2*p.size+i] = float32(i + 9)
	}
	return p
}

// TestMoMDraws: a group's rows show an anchor with one of its positives and two of its nearest negatives, with the positive's weight; the
// last row of an odd batch has none; the same epoch draws the same, another one others.
func TestMoMDraws(t *testing.T) {
	m := &mom{pools: pooled()}
	embedding := make([]float32, 20) // of one dimension: 8 to 19 are farther and farther from 2
	for i := range embedding {
		embedding[i] = float32(i)
	}
	e := Epoch{Number: 1, Seed: 3, Images: 20, Batch: 5}
	p := m.draw(e, embedding, 1)
	seen := map[int32]int{}
	negatives := map[int32]bool{}
	for row := 0; row < 20; row++ {
		anchor, positive, weight := p.First[row], p.Second[row], p.Labels[row]
		seen[anchor]++
		lone := row%5 == 4
		want := map[[2]int32]float64{{0, 5}: 0.5, {0, 6}: 0.25, {2, 7}: 2}[[2]int32{anchor, positive}]
		if lone && want > 0 {
			want = math.SmallestNonzeroFloat64
		}
		if want == 0 || weight != int32(want*(1<<24)) {
			t.Fatalf("row %d shows %d and %d with weight %d", row, anchor, positive, weight)
		}
		if lone {
			continue
		}
		row++
		for _, n := range []int32{p.First[row], p.Second[row]} {
			if nearest := anchor == 0 && n == 8 || anchor == 2 && n >= 8 && n < 18; !nearest {
				t.Errorf("%d is a negative of %d", n, anchor)
			}
			negatives[n] = true
		}
		if anchor == 2 && p.First[row] == p.Second[row] || p.Labels[row] != weight {
			t.Errorf("negatives %d and %d of %d with weight %d", p.First[row], p.Second[row], anchor, p.Labels[row])
		}
	}
	if len(p.First) != 20 || len(p.Second) != 20 || len(p.Labels) != 20 || seen[0] != 6 || seen[2] != 6 || len(negatives) < 4 {
		t.Errorf("%d rows, anchors %v, negatives %v", len(p.First), seen, negatives)
	}
	again := m.draw(e, embedding, 1)
	e.Number = 2
	other := m.draw(e, embedding, 1)
	if !slices.Equal(again.First, p.First) || !slices.Equal(again.Second, p.Second) || slices.Equal(other.First, p.First) {
		t.Error("an epoch's draw is not a function of the epoch")
	}
}

// TestMoMWantsItsState: damaged pools and an unfinished epoch without weights are errors.
func TestMoMWantsItsState(t *testing.T) {
	for name, damage := range map[string]func(p *pools){
		"none": func(*pools) {}, "half": func(p *pools) { p.positive[0] = 1.5 }, "beyond": func(p *pools) { p.negative[0] = 21 },
		"negative": func(p *pools) { p.positive[0] = -1 }, "NaN": func(p *pools) { p.negative[3] = float32(math.NaN()) },
		"weight": func(p *pools) { p.weight[0] = 101 }, "NaN weight": func(p *pools) { p.weight[9] = float32(math.NaN()) },
	} {
		p := pooled()
		damage(p)
		if err := p.check(); (err == nil) != (name == "none") {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := &mom{}
	for labels, want := range map[string]string{
		"": "for each row", "[0,1]": "for each row", `"x"`: "for each row", "[0,1,-1,0]": "out of range",
		"[0,1,1677721700,0]": "out of range", "[0,1,1677721600,0]": "",
	} {
		state := map[string]json.RawMessage{}
		if labels != "" {
			state["plan_labels"] = json.RawMessage(labels)
		}
		err := m.SetEpochState(1, 4, state)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("weights %q: %v", labels, err)
		}
	}
}

// TestMoMFindsNothing: images that are equally near by both have no pools, which is one sentence, and nothing is kept.
func TestMoMFindsNothing(t *testing.T) {
	const images = 5
	m := changed(t, "mom", nil).(*mom)
	m.pools = newPools(images)
	dev := kernels.CPU()
	x := dev.New(kernels.Float32, images, 3)
	for i, d := 0, kernels.Data[float32](x); i < len(d); i++ {
		d[i] = rng.Uniform(rng.Key{Seed: 1, Op: rng.OpBench}.At(uint32(i))[0])
	}
	e := Epoch{Images: images, Batch: 2, Fault: func() error { return nil }}
	e.Neighbours = func(x *kernels.Array, k int) (*kernels.Array, error) { // each image is near to itself alone
		near := make([]int32, images*k)
		for i := range near {
			near[i] = -1
		}
		for i := range images {
			near[i*k] = int32(i)
		}
		return kernels.Of(dev, near, images, k), nil
	}
	err := m.prepare(context.Background(), e, x)
	if err == nil || !strings.HasPrefix(err.Error(), "--method mom finds none among the 5 images") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
