package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data"
	"udml-gpu/engine/eval"
	"udml-gpu/kernels"
	"udml-gpu/models/weights"
)

// Query is a data set to be seen through a network: the one of a run, or a backbone.
type Query struct {
	Config  Config // resolved; of the run when Run is set
	Run     string // run directory, or empty
	Split   string // of the data set, or all or auto
	Layer   string // embedding or pooled
	Session Session

	took  *data.Set   // the split, once it is known
	notes []data.Note // on the data set
}

// Scores is what eval reports: scores where labels are known, health figures always.
type Scores struct {
	*eval.Scores
	Images        int     `json:"images"` // that went through the network
	EffectiveRank float64 `json:"effective_rank"`
	Unlabelled    int     `json:"unlabelled_images,omitempty"`
	Skipped       int     `json:"skipped_images,omitempty"`
	Oracle        bool    `json:"oracle,omitempty"`
	Split         string  `json:"split"` // that was taken

	Notes []data.Note `json:"notes"` // what of the data set is not used, and doubts about how it was read
}

// Evaluate measures the network on the split.
func Evaluate(ctx context.Context, q Query) (*Scores, error) {
	dev, err := openDevice(q.Config, q.Session.Log)
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
	r := &Scores{
		Images: cache.Len(), EffectiveRank: eval.EffectiveRank(f), Unlabelled: cache.Unlabelled(), Skipped: len(cache.Skipped()),
		Oracle: q.Config.PseudoLabels == "oracle", Split: q.took.Name, Notes: q.notes,
	}
	if err := q.Config.scorable(cache); err != nil {
		if r.Unlabelled < r.Images {
			q.Session.Log.Warn().Msgf("no retrieval scores: of the images with a label, %v", err)
		}
		return r, nil
	}
	s, err := eval.EvaluateLabelled(ctx, f, cache.Labels(), q.Config.scoreOptions(cache))
	if broken := fault(dev); broken != nil {
		return nil, broken
	}
	if err != nil {
		return nil, data.Errorf("%s, --split %s: %v", q.Config.Data, q.Split, err)
	}
	r.Scores = &s
	return r, nil
}

// EmbedTo writes the vectors of the split to a safetensors file.
func EmbedTo(ctx context.Context, q Query, path string) (*Embedded, error) {
	if err := wantFolder(path); err != nil {
		return nil, err
	}
	dev, err := openDevice(q.Config, q.Session.Log)
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
	if err := fault(dev); err != nil {
		return nil, err
	}
	file := &weights.File{
		Metadata: map[string]string{"names": string(list), "layer": q.Layer, "backbone": q.Config.Backbone, pipelineKey: q.Config.pipeline()},
		Tensors:  []weights.Tensor{weights.FromFloat32("embeddings", vectors, f.Shape()...)},
	}
	if err := weights.WriteFile(path, file); err != nil {
		return nil, data.Errorf("--out: %v", err)
	}
	return &Embedded{Images: f.Dim(0), Dimensions: f.Dim(1), Out: path, Split: q.took.Name, Skipped: len(cache.Skipped()), Notes: q.notes}, nil
}

// features opens the data, loads the network and runs the split through the asked-for layer on dev.
func (q *Query) features(ctx context.Context, dev *kernels.Device) (*kernels.Array, *data.Cache, error) {
	if q.Layer != "embedding" && q.Layer != "pooled" {
		return nil, nil, usage("--layer %q is not known: expected embedding or pooled", q.Layer)
	}
	if q.Run != "" {
		if err := q.Config.wantData(q.Run); err != nil {
			return nil, nil, err
		}
	}
	src, err := openSource(q.Config)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	tellNotes(q.Session.Log, src)
	set, err := q.set(src)
	if err != nil {
		return nil, nil, err
	}
	tellChoice(q.Session.Log, q.Config, src, set)
	q.took, q.notes = set, notesOf(src)
	n, err := q.network(ctx, src, dev)
	if err != nil {
		return nil, nil, err
	}
	defer n.Free()
	cache, err := loadCache(ctx, q.Config, set, q.Session)
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
	if err := n.wantFinite(cache, wanted); err != nil {
		wanted.Free()
		cache.Close()
		return nil, nil, q.blame(err)
	}
	return wanted, cache, nil
}

func (q *Query) set(src *data.Source) (*data.Set, error) {
	name := q.Split
	if name == "auto" {
		name = "test"
		if src.Split(name) == nil {
			name = "all"
		}
	}
	set := src.Split(name)
	if set == nil {
		return nil, data.Errorf("--split %s: %s has no such split; expected one of %s", name, q.Config.Data, strings.Join(append(src.Splits(), "all", "auto"), ", "))
	}
	return set, nil
}

// network is the run's, or the backbone with the head that a run would start from.
func (q *Query) network(ctx context.Context, src *data.Source, dev *kernels.Device) (*Network, error) {
	build := NewNetwork
	if q.Run != "" {
		build = emptyNetwork
	}
	n, err := build(q.Config, dev)
	if err != nil {
		return nil, err
	}
	n.count = q.Session.Embedding
	if q.Run == "" {
		n.tell(q.Session.Log)
	}
	if q.Run != "" {
		err = n.loadRun(q.Run)
	} else if q.Config.HeadInit == "whiten" && q.Layer == "embedding" {
		err = q.initHead(ctx, n, src)
	}
	if err != nil {
		n.Free()
		return nil, err
	}
	return n, nil
}

// initHead fits the embedding layer on the training images, or on all where there is no such split.
func (q *Query) initHead(ctx context.Context, n *Network, src *data.Source) error {
	cache, err := loadCache(ctx, q.Config, trainingSet(src), q.Session)
	if err != nil {
		return err
	}
	defer cache.Close()
	return q.blame(n.initHead(ctx, cache))
}

// loadRun puts the last checkpoint's parameters into the network.
func (n *Network) loadRun(dir string) error {
	last, warnings, err := checkpoint.Latest(dir)
	if err != nil && len(warnings) > 0 {
		return data.Errorf("--run %s: no checkpoint is intact (%s)", dir, strings.Join(warnings, "; "))
	}
	if err != nil {
		return data.Errorf("--run: %v", err)
	}
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "udml-gpu: "+w)
	}
	if err := n.Config.keepsPipeline(last); err != nil {
		return err
	}
	f, err := weights.ReadFile(last + "/" + modelFile)
	if err != nil {
		return data.Errorf("--run: %v", err)
	}
	return n.load(f)
}
