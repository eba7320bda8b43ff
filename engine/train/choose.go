package train

import (
	"context"
	"strconv"

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
	if choice, err = t.decide(ctx, end); err != nil || choice.Share == 1 {
		return choice, err
	}
	t.trained = kept
	return choice, nil
}

// decide is choose; end are the values of the trained network. The network is then the one of its result.
func (t *Trainer) decide(ctx context.Context, end network.Values) (*run.Choice, error) {
	asked := t.Network.Config.Result
	if share, err := strconv.ParseFloat(resultShare(asked), 64); err == nil {
		return t.asked(ctx, end, asked, share)
	}
	switch {
	case method.ReadsLabels(t.method):
		return run.NewChoice(asked, 1, "it was trained on labels, so that there is an upper bound to show"), nil
	case t.train.Len() < criteria.Fewest:
		return run.NewChoice(asked, 1, "there are too few images to compare it with what it started from"), nil
	}
	start, err := t.origin()
	if err != nil {
		return nil, err
	}
	if start.Numbers == nil {
		return run.NewChoice(asked, 1, "what training started from cannot be made again"), nil
	}
	compared, ok, err := t.compare(ctx, start, end)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		t.Network.Restore(end)
		return run.NewChoice(asked, 1, "what training started from gives all images the same features"), nil
	}
	keep, why := criteria.KeepTrained(&compared[0].Figures, &compared[1].Figures, t.Network.Config.Pretrained != "false")
	share := 0.0
	if keep {
		share = 1
	}
	choice := run.NewChoice(asked, share, why)
	choice.Candidates = compared
	return choice, t.become(ctx, start, end, share)
}

// resultShare is the share of the trained weights that a value of --result names, as a number; "auto" names none.
func resultShare(result string) string {
	switch result {
	case "start":
		return "0"
	case "trained":
		return "1"
	}
	return result
}

// asked makes the network what --result asks for.
func (t *Trainer) asked(ctx context.Context, end network.Values, result string, share float64) (*run.Choice, error) {
	if share == 1 {
		return run.NewChoice(result, 1, ""), nil
	}
	start, err := t.origin()
	if err != nil {
		return nil, err
	}
	if start.Numbers == nil {
		return run.NewChoice(result, 1, "what training started from cannot be made again"), nil
	}
	return run.NewChoice(result, share, "--result "+result), t.become(ctx, start, end, share)
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

// become makes the network that of the share of the trained weights, with the embedding layer as the whitening of all training images.
func (t *Trainer) become(ctx context.Context, start, end network.Values, share float64) error {
	if share == 1 {
		t.Network.Restore(end)
		return nil
	}
	t.Network.Mix(start, end, share)
	return t.explain(t.Network.InitHead(ctx, t.train, &t.features.train))
}

// compare measures the start and the trained network; ok is false where the start is of no use: whitening cannot be fitted for it, or its
// numbers are not finite.
func (t *Trainer) compare(ctx context.Context, start, end network.Values) (list []run.Candidate, ok bool, err error) {
	sample := rng.Key{Seed: t.Network.Config.Seed, Op: rng.OpSubset}.Choose(t.train.Len(), criteria.Sample)
	for _, share := range []float64{0, 1} {
		if share == 0 {
			t.Network.Mix(start, end, 0)
		} else {
			t.Network.Restore(end)
		}
		figures, ok, err := t.figuresOf(ctx, sample, share == 0)
		if err != nil || !ok && share == 0 {
			return nil, false, err
		}
		list = append(list, run.Candidate{Share: share, Figures: figures})
	}
	return list, true, nil
}

// figuresOf are the criteria of the present network on a sample of the training images; with fit the embedding layer is fitted on it first.
// False where that is impossible, or where a feature is not finite.
func (t *Trainer) figuresOf(ctx context.Context, sample []int32, fit bool) (figures criteria.Figures, ok bool, err error) {
	n := len(sample)
	f, err := t.embedViews(ctx, sample)
	if err != nil {
		return figures, false, err
	}
	defer f.Free()
	pooled := f.Pooled.Rows(0, n)
	if !t.allFinite(f.Pooled) {
		return figures, false, nil
	}
	if fit {
		if t.Network.FitHead(pooled) != nil {
			return figures, false, nil
		}
		if err := t.Network.RenewEmbedding(ctx, &f); err != nil {
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
