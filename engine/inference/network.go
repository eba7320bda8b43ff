package inference

import (
	"context"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

func (q *Request) set(src *data.Source) (*data.Set, error) {
	name := q.Split
	if name == "auto" {
		name = "test"
		if src.Split(name) == nil {
			name = "all"
		}
	}
	set := src.Split(name)
	if set == nil {
		return nil, baddata.Errorf("--split %s: %s has no such split; expected one of %s", name, q.Config.Data, strings.Join(append(src.Splits(), "all", "auto"), ", "))
	}
	return set, nil
}

// network is the run's, or the backbone with the head that a run would start from.
func (q *Request) network(ctx context.Context, src *data.Source, dev *kernels.Device) (*network.Network, error) {
	build := network.New
	if q.Run != "" {
		build = network.Empty
	}
	n, err := build(q.Config, dev)
	if err != nil {
		return nil, err
	}
	n.Progress = q.UI.Embedding
	if q.Run == "" {
		n.Tell(q.UI.Log)
	}
	if q.Run != "" {
		err = n.LoadRun(q.Run, q.UI.Log)
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
func (q *Request) initHead(ctx context.Context, n *network.Network, src *data.Source) error {
	cache, err := images.LoadCache(ctx, q.Config, images.TrainingSet(src), q.UI)
	if err != nil {
		return err
	}
	defer cache.Close()
	var f network.Features
	defer f.Free()
	return q.Blame(n.InitHead(ctx, cache, &f))
}
