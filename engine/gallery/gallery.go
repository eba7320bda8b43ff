// Package gallery shows what an embedding makes of the images of a run: neighbours of sampled queries, groups, a map, similarities and near
// duplicates, as pictures for the run's page. It needs no labels; where there are some, right and wrong are marked.
//
// All is of a sample of at most most images, drawn by the run's seed, and computed on the CPU: the same bytes on every device.
package gallery

import (
	"context"
	"math"

	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// most is the largest number of images that are looked at: their neighbours and their map take about three seconds on two cores.
const most = 5000

// What random numbers are drawn for: the views of the subset's key.
const (
	viewSample  = 16
	viewQueries = 17
)

// Gallery is a sample of the images of a cache, with their rows of an embedding.
type Gallery struct {
	cache   *cache.Cache
	seed    uint64
	images  []int32        // of the cache, ascending
	rows    *kernels.Array // [N,D] on the CPU, of length 1
	classes bool           // there are at least two
}

// New is the gallery of x [N,D], an embedding or features of the images of c. Rows are scaled to length 1.
func New(c *cache.Cache, x *kernels.Array, seed uint64) *Gallery {
	g := &Gallery{
		cache: c, seed: seed, classes: c.ClassCount() > 1,
		images: rng.Key{Seed: seed, Op: rng.OpSubset, View: viewSample}.Choose(c.Len(), most),
	}
	d := x.Dim(1)
	rows := make([]float32, len(g.images)*d)
	for n, i := range g.images {
		row := rows[n*d : (n+1)*d]
		kernels.ReadInto(row, x.Rows(int(i), int(i)+1))
		normalise(row)
	}
	g.rows = kernels.Wrap(kernels.CPU(), rows, len(g.images), d)
	return g
}

// normalise scales a row to length 1; zeros stay.
func normalise(row []float32) {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	if sum > 0 {
		scale := 1 / math.Sqrt(sum)
		for i, v := range row {
			row[i] = float32(float64(v) * scale)
		}
	}
}

// whole says whether the sample is all images.
func (g *Gallery) whole() bool { return len(g.images) == g.cache.Len() }

// alike says whether two images of the cache are of the same class; known is false where that is not known.
func (g *Gallery) alike(a, b int) (same, known bool) {
	x, y := g.cache.Label(a), g.cache.Label(b)
	return x == y, g.classes && x >= 0 && y >= 0
}

// stopped is how loops ask whether to end.
func stopped(ctx context.Context) func() bool { return func() bool { return ctx.Err() != nil } }
