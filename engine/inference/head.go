package inference

import (
	"context"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// fitHead fits the embedding layer on the training images, or on all where there is no such split. It needs memory for their pooled
// features [N,C], and for no images beyond a batch. They are kept for Set, which may be asked for the same images.
func (e *Embedder) fitHead(ctx context.Context, src *data.Source) error {
	set := images.TrainingSet(src)
	if e.request.Config.Cache != "" {
		return e.fitHeadOnCache(ctx, set)
	}
	return e.fitHeadOn(ctx, set, nil)
}

// FitOn fits the embedding layer of a backbone on these images, as a run would start it, if the request asks for that (--head-init
// whiten or within). It shows them to look, as SetSeen does, and keeps their features for SetSeen of the same set. It tells whether it
// did fit.
func (e *Embedder) FitOn(ctx context.Context, set *data.Set, look images.Look) (bool, error) {
	if !e.request.FitsHead() {
		return false, nil
	}
	return true, e.fitHeadOn(ctx, set, look)
}

func (e *Embedder) fitHeadOn(ctx context.Context, set *data.Set, look images.Look) error {
	pooled := e.device.New(kernels.Float32, len(set.Items), e.network.Width())
	n := 0
	h := e.handing(ctx, len(set.Items), func(i int) string { return set.Items[i].Name }, func(r Rows) error {
		kernels.Write(pooled.Rows(n, n+len(r.Images)), r.Vectors)
		n += len(r.Images)
		return nil
	})
	h.all = true // each rank fits the layer, to the same bytes
	skipped, err := e.stream(ctx, set, "pooled", look, h)
	if err != nil {
		pooled.Free()
		return err
	}
	if n < len(set.Items) {
		all := pooled
		pooled = e.device.New(kernels.Float32, n, e.network.Width())
		pooled.CopyFrom(all.Rows(0, n))
		all.Free()
	}
	e.fitted = &fitted{set: set, skipped: skipped, features: e.network.FeaturesOf(pooled)}
	if e.request.Config.HeadInit == "within" {
		return e.request.Explain(e.fitWithin(ctx, set, skipped, pooled))
	}
	return e.request.Explain(e.network.FitHead(pooled))
}

// fitWithin is the fit of --head-init within on the pooled features [N,C] of the images of set but those that were skipped. The images
// whose views it sees are decoded again, and held as a run holds its images.
func (e *Embedder) fitWithin(ctx context.Context, set *data.Set, skipped []data.Skip, pooled *kernels.Array) error {
	viewed := e.network.Viewed(pooled.Dim(0))
	read := images.Places(set, skipped)
	at := make([]int, len(viewed))
	for i, row := range viewed {
		at[i] = read[row]
	}
	part := set.Only(at)
	c, err := images.LoadCache(ctx, e.request.Config, part, e.request.UI)
	if err != nil {
		return err
	}
	defer c.Close()
	if lost := c.Skipped(); len(lost) > 0 {
		return baddata.Errorf("%s could be read a moment ago, and now cannot: %w (are the images changed while they are read?)",
			lost[0].Name, lost[0].Err)
	}
	return e.network.FitWithin(ctx, pooled, viewed, c, func(i int) int { return i })
}

// fitHeadOnCache is fitHead on the decoded images of --cache, which is filled where it has none.
func (e *Embedder) fitHeadOnCache(ctx context.Context, set *data.Set) error {
	c, err := images.LoadCache(ctx, e.request.Config, set, e.request.UI)
	if err != nil {
		return err
	}
	defer c.Close()
	var f network.Features
	if err := e.network.InitHead(ctx, c, &f); err != nil {
		f.Free()
		return e.request.Explain(err)
	}
	e.fitted = &fitted{set: set, skipped: c.Skipped(), features: f}
	return nil
}

// known hands on the vectors of the images that the embedding layer was fitted on, and gives their features back.
func (e *Embedder) known(ctx context.Context, f *fitted, h *handing) error {
	defer e.forgetFitted()
	e.mu.Lock()
	err := e.network.RenewEmbedding(ctx, &f.features)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	vectors := f.features.Embedding
	at := make([]int, 0, network.EmbedBatch)
	skipped, done := f.skipped, 0
	for i, item := range f.set.Items {
		if len(skipped) > 0 && skipped[0].Name == item.Name {
			skipped = skipped[1:]
		} else {
			at = append(at, i)
		}
		if (i+1)%network.EmbedBatch != 0 && i+1 < len(f.set.Items) {
			continue
		}
		if block := i / network.EmbedBatch; h.own(block) && len(at) > 0 {
			if err := h.put(block, at, kernels.Read[float32](vectors.Rows(done, done+len(at)))); err != nil {
				return err
			}
		}
		done, at = done+len(at), at[:0]
	}
	if err := h.end(); err != nil {
		return err
	}
	return e.request.Explain(h.finite.err())
}
