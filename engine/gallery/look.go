package gallery

import (
	"math"

	"udml-gpu/engine/run"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/rng"
)

// How many queries are shown, with how many neighbours.
const queriesShown, neighboursShown = 12, 8

// pairImages is of how many images of the sample all pairs are compared, at most: two million pairs.
const pairImages = 2000

// Look is what the embedding makes of the sample. of says in a few words which embedding it is.
func (g *Gallery) Look(of string) *run.Look {
	l := &run.Look{Of: of, Images: len(g.images)}
	chosen := rng.Key{Seed: g.seed, Op: rng.OpSubset, View: viewQueries}.Choose(len(g.images), queriesShown)
	for _, q := range chosen {
		at, cosine := g.nearest(int(q))
		near := make([]int32, len(at))
		for k, n := range at {
			near[k] = g.images[n]
		}
		l.Queries, l.Near, l.Cosine = append(l.Queries, g.images[q]), append(l.Near, near), append(l.Cosine, cosine)
	}
	l.Cosines = g.cosines()
	return l
}

// nearest are the images of the sample that are nearest to image q of it, by their numbers in it, with their cosines.
func (g *Gallery) nearest(q int) (at []int32, cosine []float32) {
	k := min(neighboursShown, len(g.images)-1)
	if k < 1 {
		return []int32{}, []float32{}
	}
	dev := g.rows.Device()
	values, found := dev.New(kernels.Float32, 1, k), dev.New(kernels.Int32, 1, k)
	defer values.Free()
	defer found.Free()
	distance.TopK(values, found, g.rows.Rows(q, q+1), g.rows, distance.InnerProduct, q)
	return kernels.Read[int32](found), kernels.Read[float32](values)
}

// cosines are the histograms of the sample.
func (g *Gallery) cosines() run.Cosines {
	n := min(len(g.images), pairImages)
	dev := g.rows.Device()
	products := dev.New(kernels.Float32, n, n)
	defer products.Free()
	few := spread(len(g.images), n)
	part := g.take(few)
	distance.Pairwise(products, part, part, distance.InnerProduct)
	var all, same, other, nearest histogram
	list := kernels.Data[float32](products)
	for a := range n {
		best := float32(math.Inf(-1))
		for b := range n {
			if a == b {
				continue
			}
			v := list[a*n+b]
			if best = max(best, v); b < a {
				continue
			}
			all.add(v)
			switch alike, known := g.alike(int(g.images[few[a]]), int(g.images[few[b]])); {
			case known && alike:
				same.add(v)
			case known:
				other.add(v)
			}
		}
		if n > 1 {
			nearest.add(best)
		}
	}
	return run.Cosines{Nearest: nearest.shares(), All: all.shares(), Same: same.shares(), Other: other.shares()}
}

// spread are m of the numbers below n, at equal distances.
func spread(n, m int) []int {
	list := make([]int, m)
	for k := range list {
		list[k] = k * n / m
	}
	return list
}

// take are those rows of the sample.
func (g *Gallery) take(list []int) *kernels.Array {
	d := g.rows.Dim(1)
	rows, all := make([]float32, 0, len(list)*d), kernels.Data[float32](g.rows)
	for _, i := range list {
		rows = append(rows, all[i*d:(i+1)*d]...)
	}
	return kernels.Wrap(g.rows.Device(), rows, len(list), d)
}

// histogram counts cosines.
type histogram struct {
	counts [run.CosineBins]int
	total  int
}

func (h *histogram) add(v float32) {
	bin := int((float64(v) + 1) / 2 * run.CosineBins)
	h.counts[max(0, min(bin, run.CosineBins-1))]++
	h.total++
}

// shares are the counts as shares of all; nil where there are none.
func (h *histogram) shares() []float64 {
	if h.total == 0 {
		return nil
	}
	list := make([]float64, run.CosineBins)
	for i, n := range h.counts {
		list[i] = float64(n) / float64(h.total)
	}
	return list
}
