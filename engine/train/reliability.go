package train

import (
	"context"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// reliability is criteria.Reliability of the network before training, for a run of the preset Auto whose embedding starts fitted; nil of
// other runs, and of too few images. It is told and decides nothing: no rule was found in it (docs/selection.md).
func (t *Trainer) reliability(ctx context.Context) (*float64, error) {
	c := t.Network.Config
	if c.Preset != setting.Auto || !c.FitsHead() || t.train.Len() < criteria.Fewest {
		return nil, nil
	}
	defer t.spend(&t.state.Spent.Evaluation)()
	sample := rng.Key{Seed: c.Seed, Op: rng.OpSubset}.Choose(t.train.Len(), criteria.ReliabilitySample)
	f, err := t.embedViews(ctx, sample)
	if err != nil {
		return nil, err
	}
	defer f.Free()
	if !t.allFinite(f.Embedding) {
		return nil, nil
	}
	share := criteria.Reliability(f.Embedding)
	t.log.Info().Float64("reliability", share).Int("images", len(sample)).Msgf("reliability %.2f: two changed views of an image have "+
		"%.0f%% of their five nearest images in common (of %d)", share, 100*share, len(sample))
	return &share, t.group.Err()
}

// embedViews are the features [(1 + criteria.Views) N] of the N training images of the sample: of the centre crops, then of the views of
// criteria.View, one after another. The caller frees them.
func (t *Trainer) embedViews(ctx context.Context, sample []int32) (network.Features, error) {
	n, c := len(sample), t.Network.Config
	return t.Network.EmbedImages(ctx, (1+criteria.Views)*n, func(dst *kernels.Array, first int) {
		for i := range dst.Dim(0) {
			view, image := (first+i)/n, int(sample[(first+i)%n])
			if view == 0 {
				t.train.View(dst.Rows(i, i+1), image, augment.Ranges{}, rng.Key{}, c.Invert)
			} else {
				criteria.View(dst.Rows(i, i+1), t.train, image, uint16(view), c.Seed, c.Invert)
			}
		}
	})
}
