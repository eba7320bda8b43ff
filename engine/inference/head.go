package inference

import (
	"context"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// fitHead fits the embedding layer on the training images, or on all where there is no such split. It needs memory for their pooled
// features [N,C], and for no images beyond a batch. They are kept for Set, which may be asked for the same images.
func (e *Embedder) fitHead(ctx context.Context, src *data.Source) error {
	set := images.TrainingSet(src)
	if e.request.Config.Cache != "" || e.seesViews() {
		return e.fitHeadOnCache(ctx, set, e.request.Config.Cache)
	}
	return e.fitHeadOn(ctx, set, nil)
}

// seesViews tells whether the fit embeds the images more than once: they are then held as a run holds them, in memory or, beyond
// --cache-ram, in a file.
func (e *Embedder) seesViews() bool { return e.request.Config.HeadInit == "within" }

// FitOn fits the embedding layer of a backbone on these images, as a run would start it, if the request asks for that (--head-init
// whiten or within). With whiten it shows them to look, as SetSeen does, and keeps their features for SetSeen of the same set. It tells
// whether it did fit.
func (e *Embedder) FitOn(ctx context.Context, set *data.Set, look images.Look) (bool, error) {
	if !e.request.FitsHead() {
		return false, nil
	}
	if !e.seesViews() {
		return true, e.fitHeadOn(ctx, set, look)
	}
	defer e.forgetFitted() // look has not seen the images: SetSeen decodes them for it
	return true, e.fitHeadOnCache(ctx, set, "")
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
	return e.request.Explain(e.network.FitHead(pooled))
}

// fitHeadOnCache is fitHead on decoded images: those of the folder keep, which is filled where it has none, or of none.
func (e *Embedder) fitHeadOnCache(ctx context.Context, set *data.Set, keep string) error {
	config := e.request.Config
	config.Cache = keep
	c, err := images.LoadCache(ctx, config, set, e.request.UI)
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
