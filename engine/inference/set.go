package inference

import (
	"context"
	"image"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// ahead is how many decoded images wait for the network: the next batch is decoded while one goes through it.
const ahead = network.EmbedBatch

// Seen is what a caller of SetSeen wants of the images besides their vectors.
type Seen struct {
	Look  images.Look        // is shown every image that this rank decodes, before its vector is handed on; nil: nothing is
	About func(i int) []byte // is asked, on the rank that has image i, what is to go with its vector (Rows.About); nil: nothing
}

// Set embeds the images of a set, in order, and hands their vectors to each, batch by batch: they are decoded as they are needed, so
// that memory does not grow with their number. It gives the images that cannot be read, which are skipped as --max-bad allows.
// It ends with the first error of each, with ctx, or with a *baddata.Error where too many cannot be read. Vectors that
// are not finite are an error, which names the first such image, after all have been handed on.
//
// Of several ranks (Request.Work) rank 0 alone hands on the vectors, and gives the images that cannot be read, of all.
func (e *Embedder) Set(ctx context.Context, set *data.Set, each func(Rows) error) ([]data.Skip, error) {
	return e.SetSeen(ctx, set, Seen{}, each)
}

// SetSeen is Set that shows the images and says more about them. Images of FitOn are not decoded again: its look has seen them.
func (e *Embedder) SetSeen(ctx context.Context, set *data.Set, seen Seen, each func(Rows) error) ([]data.Skip, error) {
	h := e.handing(ctx, len(set.Items), func(i int) string { return set.Items[i].Name }, each)
	h.about = seen.About
	return e.set(ctx, set, seen.Look, h)
}

// set embeds the images of a set for h.
func (e *Embedder) set(ctx context.Context, set *data.Set, look images.Look, h *handing) ([]data.Skip, error) {
	if f := e.fitted; f != nil && f.set == set {
		return f.skipped, e.known(ctx, f, h)
	}
	return e.stream(ctx, set, e.request.Layer, look, h)
}

// stream embeds the images of a set as a layer.
func (e *Embedder) stream(ctx context.Context, set *data.Set, layer string, look images.Look, h *handing) ([]data.Skip, error) {
	b := &batch{e: e, layer: layer, total: len(set.Items), h: h}
	skipped, err := e.decode(ctx, set, look, b)
	if err == nil {
		err = b.flush()
	}
	if err == nil {
		err = h.end()
	}
	if err == nil && h.group.Ranks() > 1 {
		if skipped, err = h.skips(set, skipped); err == nil && (h.all || e.request.Leads()) {
			err = images.Streamed(e.request.Config, set, e.request.UI, skipped)
		}
	}
	if err == nil {
		err = e.request.Explain(h.finite.err())
	}
	return skipped, err
}

// decode decodes the images of this rank's blocks for b.
func (e *Embedder) decode(ctx context.Context, set *data.Set, look images.Look, b *batch) ([]data.Skip, error) {
	c, ui := e.request.Config, e.request.UI
	if b.h.group.Ranks() == 1 {
		return images.Stream(ctx, c, set, ui, ahead, look, b.add)
	}
	var own []int
	for i := range set.Items {
		if b.h.own(i / network.EmbedBatch) {
			own = append(own, i)
		}
	}
	if len(own) == 0 {
		return nil, nil
	}
	seen := look
	if look != nil {
		seen = func(k int, raw []byte, im image.Image, pix []uint8) { look(own[k], raw, im, pix) }
	}
	c.MaxBad, ui.Embedding = cache.AllBad, nil // the ranks know together whether too many cannot be read
	return images.StreamPart(ctx, c, set.Only(own), ui, ahead, seen, func(k int, pix []uint8) error { return b.add(own[k], pix) })
}

// batch gathers the images of a block.
type batch struct {
	e     *Embedder
	layer string
	total int // images of the set
	h     *handing

	block int
	at    []int   // positions in the set
	pix   []uint8 // [network.EmbedBatch,size,size,channels]
}

func (b *batch) add(i int, pix []uint8) error {
	if block := i / network.EmbedBatch; block != b.block {
		if err := b.flush(); err != nil {
			return err
		}
		b.block = block
	}
	if b.pix == nil {
		b.pix = make([]uint8, network.EmbedBatch*len(pix))
	}
	copy(b.pix[i%network.EmbedBatch*len(pix):], pix)
	b.at = append(b.at, i)
	return nil
}

// flush embeds the images that have gathered. In the places of those that cannot be read stands what was there before, whose rows are
// dropped: the network sees a block of the same size.
func (b *batch) flush() error {
	if len(b.at) == 0 {
		return nil
	}
	c, size := b.e.request.Config, len(b.pix)/network.EmbedBatch
	n := min(network.EmbedBatch, b.total-b.block*network.EmbedBatch)
	vectors, err := b.e.forward(b.layer, n, func(dst *kernels.Array) {
		cache.CentreCrops(dst, c.Resize, c.Invert, func(i int) []uint8 { return b.pix[i*size : (i+1)*size] })
	})
	if err != nil {
		return err
	}
	dim := len(vectors) / n
	for k, i := range b.at {
		from := i % network.EmbedBatch * dim
		copy(vectors[k*dim:(k+1)*dim], vectors[from:from+dim])
	}
	err = b.h.put(b.block, b.at, vectors[:len(b.at)*dim])
	b.at = b.at[:0]
	return err
}

// Cache is Set for images that are decoded already. Positions are those in the cache.
func (e *Embedder) Cache(ctx context.Context, c *cache.Cache, each func(Rows) error) error {
	return e.cache(ctx, c, e.handing(ctx, c.Len(), c.Name, each))
}

func (e *Embedder) cache(ctx context.Context, c *cache.Cache, h *handing) error {
	at := make([]int, 0, network.EmbedBatch)
	for block := range blocksOf(c.Len()) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !h.own(block) {
			continue
		}
		at = at[:0]
		first := block * network.EmbedBatch
		for i := first; i < min(first+network.EmbedBatch, c.Len()); i++ {
			at = append(at, i)
		}
		vectors, err := e.forward(e.request.Layer, len(at), func(dst *kernels.Array) { c.CentreCrops(dst, first, e.request.Config.Invert) })
		if err == nil {
			err = c.Err()
		}
		if err == nil {
			err = h.put(block, at, vectors)
		}
		if err != nil {
			return err
		}
		e.progress(first+len(at), c.Len())
	}
	if err := h.end(); err != nil {
		return err
	}
	return e.request.Explain(h.finite.err())
}

func (e *Embedder) progress(done, total int) {
	if e.request.UI.Embedding != nil {
		e.request.UI.Embedding(done, total)
	}
}
