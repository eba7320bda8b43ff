package method

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

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
	e := Epoch{Images: images, Batch: 2, Fault: func() error { return nil }, Worked: func(string, int, int) {}}
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
