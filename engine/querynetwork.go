package engine

import (
	"context"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/kernels"
)

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
	n.count = q.UI.Embedding
	if q.Run == "" {
		n.tell(q.UI.Log)
	}
	if q.Run != "" {
		err = n.loadRun(q.Run, q.UI.Log)
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
	cache, err := loadCache(ctx, q.Config, trainingSet(src), q.UI)
	if err != nil {
		return err
	}
	defer cache.Close()
	return q.blame(n.initHead(ctx, cache))
}
