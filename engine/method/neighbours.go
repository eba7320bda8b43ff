package method

import (
	"context"
	"encoding/json"
	"errors"

	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/rng"
)

// pairs let the second view of an image show another image (--positives): itself or, in one half of the cases, the image that is
// nearest in pooled features. Neighbours are found at the start of an epoch and stay for all of it; which half shows them is drawn
// anew each epoch, by seed, epoch and image.
type pairs struct {
	positives string  // self or neighbours
	epoch     int     // whose neighbours they are
	list      []int32 // of every training image, -1 where it has none; nil: not found yet
}

// setting is --positives, for a method's Settings.
func (p *pairs) setting() table.Row {
	return table.String("positives", &p.positives, "self", "what the second view shows: self, the same image; neighbours, that or the image "+
		"nearest in pooled features, found anew each epoch").OneOf("self", "neighbours")
}

// Rows is Planner.Rows.
func (p *pairs) Rows(images, _ int) int { return images }

// Plan is Planner.Plan.
func (p *pairs) Plan(ctx context.Context, e Epoch) (*Plan, error) {
	if p.positives != "neighbours" {
		return nil, nil
	}
	if p.list == nil || p.epoch != e.Number {
		list, err := nearest(ctx, e)
		if err != nil {
			return nil, err
		}
		p.list, p.epoch = list, e.Number
	}
	return &Plan{First: e.Order, Second: p.second(e)}, nil
}

// second is what the second view of each row shows.
func (p *pairs) second(e Epoch) []int32 {
	second := make([]int32, len(e.Order))
	for row, image := range e.Order {
		second[row] = image
		coin := rng.Key{Seed: e.Seed, Epoch: uint32(e.Number), Sample: uint32(image), Op: rng.OpNeighbour}.At(0)[0]
		if n := p.list[image]; n >= 0 && coin < 1<<31 {
			second[row] = n
		}
	}
	return second
}

// nearest are, for every training image, the position of the other image whose pooled features are nearest by cosine, in
// evaluation mode; -1 where there is none, as for features that are not finite. Of equally near ones it is the first. The features
// [N, channels] are given back before it returns; the search needs memory for N scores, never N x N.
func nearest(ctx context.Context, e Epoch) ([]int32, error) {
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	defer pooled.Free()
	embedding.Free()
	dev := pooled.Device()
	score, index := dev.New(kernels.Float32, e.Images, 1), dev.New(kernels.Int32, e.Images, 1)
	defer score.Free()
	defer index.Free()
	distance.TopK(score, index, pooled, pooled, distance.Cosine, 0)
	list := kernels.Read[int32](index)
	return list, e.Fault()
}

// EpochState is EpochKeeper.EpochState.
func (p *pairs) EpochState() map[string]any {
	if p.list == nil {
		return map[string]any{}
	}
	return map[string]any{"neighbours": p.list}
}

// SetEpochState is EpochKeeper.SetEpochState.
func (p *pairs) SetEpochState(epoch, images int, state map[string]json.RawMessage) error {
	p.list, p.epoch = nil, epoch
	raw, ok := state["neighbours"]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(raw, &p.list); err != nil || p.list != nil && len(p.list) != images {
		return errors.New("its neighbours are not those of the run's images")
	}
	for _, n := range p.list {
		if int(n) < -1 || int(n) >= images {
			return errors.New("it has a neighbour that is no image of the run")
		}
	}
	return nil
}
