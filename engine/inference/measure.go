package inference

import (
	"context"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// Report is what eval reports: scores where labels are known, health figures always.
type Report struct {
	*eval.Scores
	Images        int     `json:"images"` // that went through the network
	EffectiveRank float64 `json:"effective_rank"`
	Unlabelled    int     `json:"unlabelled_images,omitempty"`
	Skipped       int     `json:"skipped_images,omitempty"`
	Oracle        bool    `json:"oracle,omitempty"`
	Split         string  `json:"split"` // that was taken

	Notes []notes.Note `json:"notes"` // what of the data set is not used, and doubts about how it was read
}

// Measure measures the network on the split. It holds all images and vectors of it.
func Measure(ctx context.Context, q Request) (*Report, error) {
	e, from, err := begin(q)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	defer from.Close()
	c, err := images.LoadCache(ctx, q.Config, from.set, q.UI)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var f network.Features
	defer f.Free()
	if err := e.see(ctx, from, c, &f); err != nil {
		return nil, err
	}
	r := &Report{Split: from.set.Name, Notes: from.notes}
	return r, q.measure(ctx, e.wanted(f), c, r)
}

// see fills f with the features of the split's images, after the embedding layer is fitted where it is to be.
func (e *Embedder) see(ctx context.Context, from *taken, c *cache.Cache, f *network.Features) (err error) {
	switch {
	case e.request.FitsHead() && from.set == images.TrainingSet(from.Source):
		err = e.network.InitHead(ctx, c, f)
	case e.request.FitsHead():
		err = e.fitHead(ctx, from.Source)
		e.forgetFitted()
	}
	if err == nil {
		err = e.network.Renew(ctx, c, f)
	}
	if err == nil {
		err = e.network.WantFinite(c, e.wanted(*f))
	}
	return e.request.Explain(err)
}

// wanted is the layer that was asked for.
func (e *Embedder) wanted(f network.Features) *kernels.Array {
	if e.request.Layer == "pooled" {
		return f.Pooled
	}
	return f.Embedding
}

// measure fills the report on vectors of the images.
func (q *Request) measure(ctx context.Context, vectors *kernels.Array, c *cache.Cache, r *Report) error {
	r.Images, r.EffectiveRank, r.Unlabelled, r.Skipped = c.Len(), eval.EffectiveRank(vectors), c.Unlabelled(), len(c.Skipped())
	r.Oracle = q.Config.ReadsLabels()
	if err := images.Scorable(q.Config, c); err != nil {
		if r.Unlabelled < r.Images {
			q.UI.Log.Warn().Msgf("no retrieval scores: of the images with a label, %v", err)
		}
		return nil
	}
	o := images.ScoreOptions(q.Config, c)
	o.Progress = q.UI.Worked
	s, err := eval.EvaluateLabelled(ctx, vectors, c.Labels(), o)
	if broken := machine.Fault(vectors.Device()); broken != nil {
		return broken
	}
	if err != nil {
		return baddata.Errorf("%s, --split %s: %v", q.Config.Data, q.Split, err)
	}
	r.Scores = &s
	return nil
}
