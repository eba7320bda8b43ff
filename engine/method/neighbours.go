package method

import (
	"context"
	"encoding/json"
	"errors"

	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// pairs choose the image that the second view shows (--positives): the image itself or, with probability one half, the image
// nearest in pooled features. Neighbours are found at the start of an epoch and are fixed for it; which images show theirs is
// drawn for each epoch by seed, epoch and image.
type pairs struct {
	positives string  // self or neighbours
	epoch     int     // the epoch of list
	list      []int32 // the neighbour of every training image, -1 where it has none; nil: not found yet
}

// setting is --positives, for a method's Settings.
func (p *pairs) setting() table.Row {
	return table.String("positives", &p.positives, "self",
		"what the second view shows: self, the same image; neighbours, the same or the image nearest in pooled features, found "+
			"anew each epoch").OneOf("self", "neighbours")
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

// second is the image that the second view of each row shows.
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

// nearest are, for every training image, the index of the other image with the nearest pooled features by cosine, in evaluation
// mode; the first of equally near ones, -1 where there is none, as for features that are not finite. The features [N,C] are freed
// before it returns; the search needs memory for N scores, not N x N. The error is that of ctx or of the device.
func nearest(ctx context.Context, e Epoch) ([]int32, error) {
	pooled, embedding, err := e.Embed(ctx)
	if err != nil {
		return nil, err
	}
	defer pooled.Free()
	embedding.Free()
	index, err := e.Nearest(pooled)
	defer index.Free()
	if err != nil {
		return nil, err
	}
	return kernels.Read[int32](index), e.Fault()
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
			return errors.New("one of its neighbours is not an image of the run")
		}
	}
	return nil
}

// inTurn are n of the numbers below so many, in each epoch n others: all epochs together go through one random order of all of them after
// another, so that every number comes before any does twice.
func inTurn(e Epoch, n, below int) []int32 {
	list, order, round := make([]int32, n), []int32(nil), -1
	for i := range list {
		number := (e.Number-1)*n + i
		if r := number / below; r != round {
			round = r
			order = rng.Key{Seed: e.Seed, Epoch: uint32(r), Op: rng.OpNeighbour, View: 1}.Permutation(below)
		}
		list[i] = order[number%below]
	}
	return list
}
