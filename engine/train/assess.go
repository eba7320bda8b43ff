package train

import (
	"context"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// assess measures the present network. raw are the scores before the final whitening, or nil.
func (t *Trainer) assess(ctx context.Context, raw *eval.Scores) (*run.Quality, error) {
	defer t.spend(&t.state.Spent.Evaluation)()
	if err := t.checkFinite(); err != nil {
		return nil, err
	}
	train, test, err := t.see(ctx, t.canScore()) // the training images are only needed for the whitened scores
	if err != nil {
		return nil, err
	}
	if err := t.wantFinite(train, test); err != nil {
		return nil, err
	}
	q := &run.Quality{Raw: raw, EffectiveRank: eval.EffectiveRank(test.Embedding)}
	if t.Network.Config.Epochs > 0 { // the figure compares training's end with its start
		found, err := t.viewRecall(ctx)
		if err != nil {
			return nil, err
		}
		q.ViewRecall = &found
	}
	if !t.canScore() {
		return q, nil
	}
	if q.Scores, err = t.score(ctx, test.Embedding); err != nil {
		return nil, err
	}
	if q.Pooled, err = t.score(ctx, test.Pooled); err != nil {
		return nil, err
	}
	q.Whitened, err = t.scoreWhitened(ctx, train.Pooled, test.Pooled)
	return q, err
}

// wantFinite is an error if features of the training images, where there are any, or of the test images are not finite.
func (t *Trainer) wantFinite(train, test *network.Features) error {
	if train.Pooled != nil {
		if err := t.Network.WantFinite(t.train, train.Pooled, train.Embedding); err != nil {
			return t.explain(err)
		}
	}
	if test == train {
		return nil
	}
	return t.explain(t.Network.WantFinite(t.test, test.Pooled, test.Embedding))
}

// canScore says whether the images that quality is measured on, or some of them, have labels of at least two classes.
func (t *Trainer) canScore() bool {
	return t.test.ClassCount() > 1 && images.Scorable(t.Network.Config, t.test) == nil
}

func (t *Trainer) score(ctx context.Context, f *kernels.Array) (*eval.Scores, error) {
	o := images.ScoreOptions(t.Network.Config, t.test)
	o.Progress, o.Group, o.Poll = t.ui.Worked, t.group, t.agree
	s, err := eval.EvaluateLabelled(ctx, f, t.test.Labels(), o)
	if broken := t.broken(); broken != nil {
		return nil, broken
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, baddata.Errorf("evaluation: %v", err)
	}
	return &s, nil
}

// scoreWhitened measures the whitened PCA of the pooled features, fitted on the training images.
func (t *Trainer) scoreWhitened(ctx context.Context, train, test *kernels.Array) (*eval.Scores, error) {
	w, err := whiten.Fit(train, t.Network.Config.Dim, t.Network.Config.WhitenPower)
	if err != nil { // too few images to fit anything
		t.log.Warn().Err(err).Msgf("whitened features are not reported: %v", err)
		return nil, nil
	}
	f := w.Apply(test)
	defer f.Free()
	return t.score(ctx, f)
}

// viewSample is the largest number of training images that viewRecall embeds.
const viewSample = 1024

// viewRecall is eval.ViewRecall of two random views of a fixed subset of the training images.
func (t *Trainer) viewRecall(ctx context.Context) (float64, error) {
	n := min(t.train.Len(), viewSample)
	c := t.Network.Config
	order := rng.Key{Seed: c.Seed, Op: rng.OpSubset}.Permutation(t.train.Len())[:n]
	first, second := c.Ranges()
	f, err := t.Network.EmbedImages(ctx, 2*n, func(dst *kernels.Array, at int) {
		for i := range dst.Dim(0) {
			view, ranges := uint16(0), first
			row := at + i
			if row >= n {
				view, ranges, row = 1, second, row-n
			}
			key := rng.Key{Seed: c.Seed, Sample: uint32(order[row]), Op: rng.OpAugment, View: view}
			t.train.View(dst.Rows(i, i+1), int(order[row]), ranges, key, c.Invert)
		}
	})
	if err != nil {
		return 0, err
	}
	defer f.Free()
	return eval.ViewRecall(f.Embedding, t.group)
}
