package inference

import (
	"context"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// ahead is how many decoded images wait for the network: the next batch is decoded while one goes through it.
const ahead = network.EmbedBatch

// Set embeds the images of a set, in order, and hands their vectors to each, batch by batch: they are decoded as they are needed, so
// that memory does not grow with their number. It gives the images that cannot be read, which are skipped as --max-bad allows.
// It ends with the first error of each, with ctx, or with a *baddata.Error where too many cannot be read. Vectors that
// are not finite are an error, which names the first such image, after all have been handed on.
func (e *Embedder) Set(ctx context.Context, set *data.Set, each func(Rows) error) ([]data.Skip, error) {
	return e.SetSeen(ctx, set, nil, each)
}

// SetSeen is Set that shows look every image that it decodes (cache.Options.Look), before the image's vector is handed on. Images of
// FitOn are not decoded again: look has seen them then.
func (e *Embedder) SetSeen(ctx context.Context, set *data.Set, look images.Look, each func(Rows) error) ([]data.Skip, error) {
	if f := e.fitted; f != nil && f.set == set {
		return f.skipped, e.known(ctx, f, each)
	}
	return e.stream(ctx, set, e.request.Layer, look, each)
}

// stream is SetSeen, of a layer.
func (e *Embedder) stream(ctx context.Context, set *data.Set, layer string, look images.Look, each func(Rows) error,
) ([]data.Skip, error) {
	b := &batch{e: e, layer: layer, set: set, each: each}
	skipped, err := images.Stream(ctx, e.request.Config, set, e.request.UI, ahead, look, b.add)
	if err == nil {
		err = b.flush()
	}
	if err == nil {
		err = e.request.Explain(b.finite.err())
	}
	return skipped, err
}

// batch gathers images until they fill one for the network.
type batch struct {
	e     *Embedder
	layer string
	set   *data.Set
	each  func(Rows) error

	at     []int   // positions in the set
	pix    []uint8 // [len(at),size,size,channels]
	finite finite
}

func (b *batch) add(i int, pix []uint8) error {
	b.at, b.pix = append(b.at, i), append(b.pix, pix...)
	if len(b.at) < network.EmbedBatch {
		return nil
	}
	return b.flush()
}

// flush embeds the images that have gathered.
func (b *batch) flush() error {
	if len(b.at) == 0 {
		return nil
	}
	c, n := b.e.request.Config, len(b.at)
	size := len(b.pix) / n
	vectors, err := b.e.forward(b.layer, n, func(dst *kernels.Array) {
		cache.CentreCrops(dst, c.Resize, c.Invert, func(i int) []uint8 { return b.pix[i*size : (i+1)*size] })
	})
	if err != nil {
		return err
	}
	rows := Rows{b.at, vectors}
	b.finite.look(rows, func(i int) string { return b.set.Items[i].Name })
	err = b.each(rows)
	b.at, b.pix = b.at[:0], b.pix[:0]
	return err
}

// Cache is Set for images that are decoded already. Positions are those in the cache.
func (e *Embedder) Cache(ctx context.Context, c *cache.Cache, each func(Rows) error) error {
	var finite finite
	at := make([]int, 0, network.EmbedBatch)
	for first := 0; first < c.Len(); first += network.EmbedBatch {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		at = at[:0]
		for i := first; i < min(first+network.EmbedBatch, c.Len()); i++ {
			at = append(at, i)
		}
		vectors, err := e.forward(e.request.Layer, len(at), func(dst *kernels.Array) { c.CentreCrops(dst, first, e.request.Config.Invert) })
		if err == nil {
			err = c.Err()
		}
		if err != nil {
			return err
		}
		finite.look(Rows{at, vectors}, c.Name)
		if err := each(Rows{at, vectors}); err != nil {
			return err
		}
		e.progress(first+len(at), c.Len())
	}
	return e.request.Explain(finite.err())
}

func (e *Embedder) progress(done, total int) {
	if e.request.UI.Embedding != nil {
		e.request.UI.Embedding(done, total)
	}
}
