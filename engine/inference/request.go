// Package inference runs images through a trained network: it measures and embeds them.
package inference

import (
	"context"
	"encoding/json"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/weights/file"
)

// Request is a data set to be seen through a network: the one of a run, or a backbone.
type Request struct {
	Config setting.Config // resolved; of the run when Run is set
	Run    string         // run directory, or empty
	Split  string         // of the data set, or all or auto
	Layer  string         // embedding or pooled
	UI     images.UI

	took  *data.Set    // the split, once it is known
	notes []notes.Note // on the data set
}

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

// Measure measures the network on the split.
func Measure(ctx context.Context, q Request) (*Report, error) {
	dev, err := machine.Open(q.Config, q.UI.Log)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	f, cache, err := q.features(ctx, dev)
	if err != nil {
		return nil, err
	}
	defer cache.Close()
	defer f.Free()
	r := &Report{
		Images: cache.Len(), EffectiveRank: eval.EffectiveRank(f), Unlabelled: cache.Unlabelled(), Skipped: len(cache.Skipped()),
		Oracle: q.Config.Text("pseudo-labels") == "oracle", Split: q.took.Name, Notes: q.notes,
	}
	if err := images.Scorable(q.Config, cache); err != nil {
		if r.Unlabelled < r.Images {
			q.UI.Log.Warn().Msgf("no retrieval scores: of the images with a label, %v", err)
		}
		return r, nil
	}
	s, err := eval.EvaluateLabelled(ctx, f, cache.Labels(), images.ScoreOptions(q.Config, cache))
	if broken := machine.Fault(dev); broken != nil {
		return nil, broken
	}
	if err != nil {
		return nil, baddata.Errorf("%s, --split %s: %v", q.Config.Data, q.Split, err)
	}
	r.Scores = &s
	return r, nil
}

// EmbedTo writes the vectors of the split to a safetensors file.
func EmbedTo(ctx context.Context, q Request, path string) (*Embedded, error) {
	if err := wantFolder(path); err != nil {
		return nil, err
	}
	dev, err := machine.Open(q.Config, q.UI.Log)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	f, cache, err := q.features(ctx, dev)
	if err != nil {
		return nil, err
	}
	defer cache.Close()
	defer f.Free()
	names := make([]string, cache.Len())
	for i := range names {
		names[i] = cache.Name(i)
	}
	list, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	vectors := kernels.Read[float32](f)
	if err := machine.Fault(dev); err != nil {
		return nil, err
	}
	embeddings := &file.Weights{
		Metadata: map[string]string{"names": string(list), "layer": q.Layer, "backbone": q.Config.Backbone, setting.PipelineKey: q.Config.Pipeline()},
		Tensors:  []file.Tensor{file.FromFloat32("embeddings", vectors, f.Shape()...)},
	}
	if err := file.Write(path, embeddings); err != nil {
		return nil, baddata.Errorf("--out: %v", err)
	}
	return &Embedded{Images: f.Dim(0), Dimensions: f.Dim(1), Out: path, Split: q.took.Name, Skipped: len(cache.Skipped()), Notes: q.notes}, nil
}

// features opens the data, loads the network and runs the split through the asked-for layer on dev.
func (q *Request) features(ctx context.Context, dev *kernels.Device) (*kernels.Array, *cache.Cache, error) {
	if q.Layer != "embedding" && q.Layer != "pooled" {
		return nil, nil, setting.Usage("--layer %q is not known: expected embedding or pooled", q.Layer)
	}
	if q.Run != "" {
		if err := images.WantData(q.Config, q.Run); err != nil {
			return nil, nil, err
		}
	}
	src, err := images.OpenSource(q.Config)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	images.TellNotes(q.UI.Log, src)
	set, err := q.set(src)
	if err != nil {
		return nil, nil, err
	}
	images.TellChoice(q.UI.Log, q.Config, src, set)
	q.took, q.notes = set, images.NotesOf(src)
	n, err := q.network(ctx, src, dev)
	if err != nil {
		return nil, nil, err
	}
	defer n.Free()
	cache, err := images.LoadCache(ctx, q.Config, set, q.UI)
	if err != nil {
		return nil, nil, err
	}
	f, err := n.Embed(ctx, cache)
	if err != nil {
		cache.Close()
		return nil, nil, err
	}
	wanted, other := f.Embedding, f.Pooled
	if q.Layer == "pooled" {
		wanted, other = other, wanted
	}
	other.Free()
	if err := n.WantFinite(cache, wanted); err != nil {
		wanted.Free()
		cache.Close()
		return nil, nil, q.Blame(err)
	}
	return wanted, cache, nil
}
