// Package layout places the images of a collection in the plane, so that those that look alike lie together.
package layout

import (
	"context"
	"math"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/kernels"
)

// method names what Place does. Its number is raised when the same settings give other places.
const method = "umap-2"

// Request says how the map of a collection is made.
type Request struct {
	Neighbours int // others of each image; umap-learn's n_neighbors counts the image too
	MinDist    float64
	Epochs     int // 0: DefaultEpochs
	Seed       uint64
	Progress   func(what string, done, total int) // may be nil
}

// trustSample is of how many images the trustworthiness is taken, at most.
const trustSample = 1000

// Find is the map of the images of the collection that are not gone: the stored one, where it was made of the present images and as it is
// asked for, otherwise a new one, to be stored by SetMap; made tells which. Errors: no images, a stopped context.
func Find(ctx context.Context, dev *kernels.Device, c *collection.Collection, q Request) (m *collection.Map, made bool, err error) {
	items := c.Live()
	if len(items) == 0 {
		return nil, false, baddata.Errorf("%s holds no images: all of them are gone; udml-gpu embed --update %s looks again",
			c.Path, c.Path)
	}
	m = &collection.Map{
		Method: method, Images: len(items), Neighbours: min(q.Neighbours, len(items)-1), MinDist: q.MinDist, Epochs: q.Epochs, Seed: q.Seed,
	}
	if m.Epochs == 0 {
		m.Epochs = DefaultEpochs(len(items))
	}
	if old, err := c.Map(); err == nil && same(old, m) {
		return old, false, nil
	}
	at := lay(ctx, dev, c, items, m, q.Progress)
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	m.At = make([]float32, 2*c.Len())
	for i := range m.At {
		m.At[i] = float32(math.NaN())
	}
	for n, i := range items {
		m.At[2*i], m.At[2*i+1] = at[2*n], at[2*n+1]
	}
	return m, true, nil
}

// same tells whether two maps of the same images have the same places.
func same(a, b *collection.Map) bool {
	return a.Method == b.Method && a.Neighbours == b.Neighbours && a.MinDist == b.MinDist && a.Epochs == b.Epochs && a.Seed == b.Seed
}

// lay places the items as m says, and notes how well that went.
func lay(ctx context.Context, dev *kernels.Device, c *collection.Collection, items []int, m *collection.Map,
	progress func(what string, done, total int),
) []float32 {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	stop := func() bool { return ctx.Err() != nil }
	x := neighbours.Rows(dev, c, items)
	defer x.Free()
	graph := neighbours.Find(dev, c, items, m.Neighbours, func(done, total int) { progress("comparing images", done, total) }, stop)
	start := Start(x, m.Seed)
	at := Place(graph, start, Options{
		MinDist: m.MinDist, Epochs: m.Epochs, Seed: m.Seed, Stop: stop,
		Progress: func(done, total int) { progress("placing images", done, total) },
	})
	if k := min(TrustNeighbours, (len(items)-1)/2); k > 0 {
		rounds, done := 2*((min(len(items), trustSample)+trustRows-1)/trustRows), 0
		stop := func() bool { // is asked before each round
			progress("measuring the map", done, rounds)
			done++
			return ctx.Err() != nil
		}
		trust, before := Trustworthiness(x, at, k, trustSample, stop), Trustworthiness(x, start, k, trustSample, stop)
		m.Trust, m.StartTrust = &trust, &before
		progress("measuring the map", rounds, rounds)
	}
	return at
}
