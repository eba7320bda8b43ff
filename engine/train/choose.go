package train

import (
	"context"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
	"udml-gpu/kernels/update"
	"udml-gpu/models/weights"
)

// trainedNetwork is what training has made, where the run's result is another network: the checkpoint keeps it for what comes after.
type trainedNetwork struct {
	values weights.Snapshot  // empty: the result is the trained network
	about  map[string]string // of its file
}

// choose makes the network the run's result: the trained one with its final whitening, which it is now, or by --result another. Nil where
// nothing was trained. Labels play no part, and every rank chooses the same.
func (t *Trainer) choose(ctx context.Context) (choice *run.Choice, err error) {
	if t.state.Step == 0 {
		return nil, nil
	}
	defer t.spend(&t.state.Spent.Evaluation)()
	t.trained = trainedNetwork{}
	kept, end := trainedNetwork{weights.Take(t.Network.Store.Params()), t.Network.About()}, t.Network.Values()
	note := t.Network.Note
	t.Network.Note = nil // few images are few for every candidate; the whitening of the trained network has said so
	defer func() {
		t.Network.Note = note
		if err != nil {
			t.Network.Restore(end)
		}
	}()
	if choice, err = t.decide(ctx, end); err != nil || choice.Kept == run.Trained {
		return choice, err
	}
	t.trained = kept
	return choice, nil
}

// decide is choose; end are the values of the trained network. The network is then the one of its result.
func (t *Trainer) decide(ctx context.Context, end network.Values) (*run.Choice, error) {
	asked := t.Network.Config.Result
	if kept, named := run.KeptBy(asked); named {
		return t.asked(ctx, end, kept)
	}
	switch {
	case method.ReadsLabels(t.method):
		return run.NewChoice(asked, run.Trained, "it was trained on labels, so that there is an upper bound to show"), nil
	case t.train.Len() < criteria.Fewest:
		return run.NewChoice(asked, run.Trained, "there are too few images to compare it with what it started from"), nil
	}
	start, err := t.origin()
	if err != nil {
		return nil, err
	}
	if start.Numbers == nil {
		return run.NewChoice(asked, run.Trained, "what training started from cannot be made again"), nil
	}
	compared, ok, err := t.compare(ctx, start, end)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		t.Network.Restore(end)
		return run.NewChoice(asked, run.Trained, "what training started from gives all images the same features"), nil
	}
	origin, kept := t.trainedFrom(), run.Start
	keep, why := criteria.KeepTrained(&compared[0].Figures, &compared[1].Figures, origin)
	switch {
	case keep && origin == criteria.Proven:
		kept = run.Rewhitened // at full size it was ahead of the trained embedding (docs/selection.md)
	case keep:
		kept = run.Trained
	}
	choice := run.NewChoice(asked, kept, why)
	choice.Candidates = compared
	return choice, t.become(ctx, start, end, kept)
}

// trainedFrom is what is known of this training without a measurement. Behind a frozen backbone the embedding layer is all that is new.
func (t *Trainer) trainedFrom() criteria.Origin {
	_, proven := t.method.(method.Proven)
	switch {
	case t.Network.Config.Pretrained == "false":
		return criteria.FromScratch
	case proven && !t.Network.Frozen():
		return criteria.Proven
	}
	return criteria.FromPretrained
}

// asked makes the network what --result asks for.
func (t *Trainer) asked(ctx context.Context, end network.Values, kept run.Kept) (*run.Choice, error) {
	result := t.Network.Config.Result
	if kept == run.Trained {
		return run.NewChoice(result, kept, ""), nil
	}
	start, err := t.origin()
	if err != nil {
		return nil, err
	}
	if start.Numbers == nil {
		return run.NewChoice(result, run.Trained, "what training started from cannot be made again"), nil
	}
	return run.NewChoice(result, kept, "--result "+result), t.become(ctx, start, end, kept)
}

// origin are the values of the network as training found it, made again from the seed and --pretrained; none, with a warning, where the
// weights cannot be read any more. Ranks agree on that.
func (t *Trainer) origin() (network.Values, error) {
	n, err := network.New(t.Network.Config, t.Network.Device)
	values := network.Values{}
	bits := uint32(1)
	if err == nil {
		values, bits = n.Values(), 0
		n.Free()
	} else {
		t.log.Warn().Err(err).Msgf("what training started from cannot be made again: %v", err)
	}
	if t.group.Ranks() > 1 && t.group.Agree("make the start again", bits) != 0 {
		values = network.Values{}
	}
	return values, t.group.Err()
}

// become makes the network kept; but for the trained one, its embedding layer is the whitening of all training images.
func (t *Trainer) become(ctx context.Context, start, end network.Values, kept run.Kept) error {
	if kept == run.Trained {
		t.Network.Restore(end)
		return nil
	}
	t.Network.Mix(start, end, kept.Share)
	return t.explain(t.Network.InitHead(ctx, t.train, &t.features.train))
}

// compare measures the start, the trained network, and that with its features whitened anew, as the start's are. ok is false where the
// start is of no use: whitening cannot be fitted for it, or its numbers are not finite.
func (t *Trainer) compare(ctx context.Context, start, end network.Values) (list []run.Candidate, ok bool, err error) {
	sample := rng.Key{Seed: t.Network.Config.Seed, Op: rng.OpSubset}.Choose(t.train.Len(), criteria.Sample)
	t.Network.Mix(start, end, 0)
	if list, ok, err = t.measure(ctx, sample, run.Start); err != nil || !ok {
		return nil, false, err
	}
	t.Network.Restore(end)
	trained, _, err := t.measure(ctx, sample, run.Trained, run.Rewhitened)
	return append(list, trained...), true, err
}

// measure gives the criteria of the present network on a sample of the training images, its features going through one embedding layer
// after the other: those of kinds, fitted on the sample but for that of the trained network, which comes first. They are all 0 where a
// layer cannot be fitted or features are not finite; ok says whether there is no such case.
func (t *Trainer) measure(ctx context.Context, sample []int32, kinds ...run.Kept) (list []run.Candidate, ok bool, err error) {
	f, err := t.embedViews(ctx, sample)
	if err != nil {
		return nil, false, err
	}
	defer f.Free()
	ok = true
	for _, kind := range kinds {
		figures, fine, err := t.figuresOf(ctx, &f, len(sample), kind)
		if err != nil {
			return nil, false, err
		}
		list, ok = append(list, run.Candidate{Kept: kind, Figures: figures}), ok && fine
	}
	return list, ok, nil
}

// figuresOf are the criteria of the network of that kind with the features f of n images and of their views.
func (t *Trainer) figuresOf(ctx context.Context, f *network.Features, n int, kind run.Kept) (figures criteria.Figures, ok bool, err error) {
	pooled := f.Pooled.Rows(0, n)
	if !t.allFinite(f.Pooled) {
		return figures, false, nil
	}
	if kind != run.Trained {
		t.Network.DropWhitening()
		if t.Network.FitHead(pooled) != nil {
			return figures, false, nil
		}
		if err := t.Network.RenewEmbedding(ctx, f); err != nil {
			return figures, false, err
		}
	}
	if !t.allFinite(f.Embedding) {
		return figures, false, nil
	}
	figures, err = criteria.Measure(pooled, f.Embedding, t.Network.Config.Seed, t.group)
	return figures, err == nil, err
}

// allFinite waits for the device.
func (t *Trainer) allFinite(a *kernels.Array) bool {
	flag := t.Network.Device.New(kernels.Int32, 1)
	defer flag.Free()
	update.Finite(flag, a)
	return kernels.Read[int32](flag)[0] == 0
}
