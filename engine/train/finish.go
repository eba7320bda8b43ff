package train

import (
	"context"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/run"
)

// report writes the line of the epoch that has just ended.
func (t *Trainer) report(ctx context.Context, figures *epochFigures) error {
	if figures.skipped == figures.steps && figures.steps > 0 {
		return t.epochLost(figures.steps)
	}
	r := &run.EpochReport{
		Epoch: t.state.Epoch + 1, Steps: figures.steps, Skipped: figures.skipped, LearningRate: t.schedule.At(t.state.Step - 1),
		Terms: figures.means(), Health: figures.health(),
		Within: figures.within.Means(),
	}
	if every := t.Network.Config.EvalEvery; every > 0 && r.Epoch%every == 0 {
		t.Network.SetSize(t.Network.Config.Size) // of the result, and not of training (shrink)
		q, err := t.assess(ctx, nil)
		t.Network.SetSize(t.Network.Config.ViewSize())
		if err != nil {
			return err
		}
		r.Quality = q
		if r.Epoch < t.Network.Config.Epochs { // otherwise finish uses them
			t.freeFeatures()
		}
		t.event("evaluation", map[string]any{"epoch": r.Epoch, "quality": q})
	}
	t.state.History = append(t.state.History, r)
	t.logEpoch(r)
	return nil
}

func (t *Trainer) logEpoch(r *run.EpochReport) {
	e := t.log.Info().Int("epoch", r.Epoch).Interface("terms", r.Terms).Interface("health", r.Health)
	if r.Skipped > 0 {
		e = e.Int("skipped_steps", r.Skipped)
	}
	if r.Quality != nil {
		e = e.Interface("quality", r.Quality)
	}
	e.Msg(r.Summary(t.Network.Config.Epochs, method.FiguresOf(t.method).Text(r.Health)))
}

// checkpointEpoch saves an epoch in the background. The last one is always saved, before an evaluation that may take long.
func (t *Trainer) checkpointEpoch() error {
	t.countSeconds()
	t.state.TimeEpoch()
	if t.state.Epoch%t.Network.Config.CheckEvery != 0 && t.state.Epoch < t.Network.Config.Epochs {
		return t.pollSave()
	}
	return t.save(nil)
}

// finish whitens the embedding, measures it, and writes the last checkpoint.
func (t *Trainer) finish(ctx context.Context) (*run.Result, error) {
	if t.state.Result != nil && t.state.Result.Epochs == t.state.Epoch {
		return t.state.Result.Noted(t.notes), nil // resumed after the end
	}
	defer t.features.free()
	t.Network.SetSize(t.Network.Config.Size)
	var raw *eval.Scores
	if t.whitens() {
		var err error
		if raw, err = t.scoreEmbedding(ctx); err != nil {
			return nil, err
		}
		if err := t.Network.FitWhitening(ctx, t.train, &t.features.train); err != nil {
			return nil, t.explain(err)
		}
	}
	choice, err := t.choose(ctx)
	if err != nil {
		return nil, err
	}
	if choice != nil && choice.Kept != run.Trained {
		raw = nil // that of the trained network
	}
	after, err := t.assessResult(ctx, raw)
	if err == nil {
		err = t.drawAlbums(ctx)
	}
	if err != nil {
		return nil, err
	}
	if t.points, err = t.embedded(ctx); err != nil {
		return nil, err
	}
	t.classes = run.NewClasses(t.test, after.Scores, t.state.Epoch)
	t.countSeconds()
	r := &run.Result{
		Before: t.state.Before, After: after, Epochs: t.state.Epoch, Seconds: t.state.Seconds, Run: rawname.Text(t.run.Name),
		Oracle: method.ReadsLabels(t.method), SkippedImages: t.skippedImages(), Choice: choice,
	}
	if after.Scores != nil {
		r.Unlabelled = t.test.Unlabelled()
	}
	r.Judge(t.state.StartByClass)
	t.state.Result = r
	if choice != nil {
		t.log.Info().Msg(choice.Text)
	}
	for _, w := range r.Warnings {
		t.log.Warn().Msg(w)
	}
	t.tellUntrained(t.passSeconds)
	return r.Noted(t.notes), t.saveNow(nil)
}

// whitens says whether the final whitening is fitted. An embedding that starts fitted and is not trained stays as it is.
func (t *Trainer) whitens() bool {
	c := t.Network.Config
	return c.FinalWhiten && (t.state.Step > 0 || !c.FitsHead())
}

// assessResult is assess, or what was measured before training where nothing has changed since.
func (t *Trainer) assessResult(ctx context.Context, raw *eval.Scores) (*run.Quality, error) {
	before := t.state.Before
	if t.state.Step == 0 && !t.whitens() && (before.Scores == nil || before.ByClass != nil) { // a resumed run has no sums by class
		same := *before
		return &same, nil
	}
	return t.assess(ctx, raw)
}

// embedded are the images that quality is measured on with their embedding.
func (t *Trainer) embedded(ctx context.Context) (*run.Points, error) {
	test, err := t.measured(ctx)
	if err != nil {
		return nil, err
	}
	p := run.NewPoints(t.test, test.Embedding, t.Network.Config.Seed)
	return p, machine.Fault(t.Network.Device)
}

// scoreEmbedding are the scores of the present embedding; nil without labels. If the last epoch was evaluated they are those of that
// evaluation.
func (t *Trainer) scoreEmbedding(ctx context.Context) (*eval.Scores, error) {
	if !t.canScore() {
		return nil, nil
	}
	if h := t.state.History; len(h) > 0 && h[len(h)-1].Quality != nil && h[len(h)-1].Epoch == t.state.Epoch {
		return h[len(h)-1].Quality.Scores, nil
	}
	_, test, err := t.see(ctx, false)
	if err != nil {
		return nil, err
	}
	if err := t.Network.WantFinite(t.test, test.Embedding); err != nil {
		return nil, t.explain(err)
	}
	return t.score(ctx, test.Embedding)
}

// skippedImages is the number of images in both splits that could not be read.
func (t *Trainer) skippedImages() int { return len(t.sheet().Skipped()) }

// sheet is the data for the run's page.
func (t *Trainer) sheet() *run.Sheet {
	return &run.Sheet{
		Dir: t.run.Name, Config: t.Network.Config, State: &t.state, Train: t.train, Test: t.test, Notes: t.notes,
		Charts: method.FiguresOf(t.method).Charts(), Oracle: method.ReadsLabels(t.method),
		Albums: t.albums, StepMemory: t.stepMemory(),
	}
}
