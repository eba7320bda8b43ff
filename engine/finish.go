package engine

import (
	"time"

	"udml-gpu/engine/data"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
)

// report writes the line of the epoch that has just ended.
func (t *Trainer) report(sum *epochFigures) error {
	if sum.skipped == sum.steps && sum.steps > 0 {
		return ErrDiverged
	}
	r := &EpochReport{
		Epoch: t.state.Epoch, Steps: sum.steps, Skipped: sum.skipped, LearningRate: t.schedule.At(t.state.Step - 1),
		Terms: sum.means(), Health: sum.health(),
	}
	if every := t.network.Config.EvalEvery; every > 0 && r.Epoch%every == 0 && r.Epoch < t.network.Config.Epochs {
		q, err := t.assess(nil)
		if err != nil {
			return err
		}
		r.Quality = q
	}
	t.state.History = append(t.state.History, r)
	t.logEpoch(r)
	return nil
}

func (t *Trainer) logEpoch(r *EpochReport) {
	e := t.log.Info().Int("epoch", r.Epoch).Interface("terms", r.Terms).Interface("health", r.Health)
	if r.Skipped > 0 {
		e = e.Int("skipped_steps", r.Skipped)
	}
	if r.Quality != nil {
		e = e.Interface("quality", r.Quality)
	}
	e.Msg("epoch")
}

// between saves an epoch that is not the last.
func (t *Trainer) between() error {
	if t.state.Epoch%t.network.Config.CheckEvery != 0 {
		return nil
	}
	return t.persist()
}

// persist writes the checkpoint and the files that are made from it.
func (t *Trainer) persist() error {
	if err := t.save(); err != nil {
		return err
	}
	lines := make([]any, len(t.state.History))
	for i, r := range t.state.History {
		lines[i] = r
	}
	if err := report.WriteMetrics(t.run.path(metricsFile), lines); err != nil {
		return data.Errorf("metrics cannot be written: %v", err)
	}
	if err := report.WriteHTML(t.run.path(reportFile), t.page()); err != nil {
		return data.Errorf("the report cannot be written: %v", err)
	}
	return nil
}

// finish whitens the embedding, measures it, and writes the last checkpoint.
func (t *Trainer) finish(start time.Time) (*Result, error) {
	if t.state.Result != nil && t.state.Result.Epochs == t.state.Epoch {
		return t.state.Result, nil // resumed after the end
	}
	var raw *eval.Scores
	if t.network.Config.FinalWhiten {
		var err error
		if raw, err = t.scoreEmbedding(); err != nil {
			return nil, err
		}
		if err := t.network.fitWhitening(t.train); err != nil {
			return nil, err
		}
	}
	after, err := t.assess(raw)
	if err != nil {
		return nil, err
	}
	t.state.Seconds += time.Since(start).Seconds()
	r := &Result{
		Before: t.state.Before, After: after, Epochs: t.state.Epoch, Seconds: t.state.Seconds, Run: t.run.dir,
		Oracle: t.network.Config.PseudoLabels == "oracle", SkippedImages: len(t.train.Skipped()),
	}
	r.judge()
	t.state.Result = r
	for _, w := range r.Warnings {
		t.log.Warn().Msg(w)
	}
	return r, t.persist()
}

// scoreEmbedding measures the embedding as it stands, or nothing where there are no labels.
func (t *Trainer) scoreEmbedding() (*eval.Scores, error) {
	if !t.canScore() {
		return nil, nil
	}
	f := t.network.Embed(t.test)
	defer f.Free()
	return t.score(f.Embedding)
}

// interrupted ends the run at a step boundary. The last checkpoint stands; the epoch begun since is done again.
func (t *Trainer) interrupted() error {
	t.show.Clear()
	if t.state.Epoch == 0 {
		t.log.Warn().Msg("stopped before the first epoch ended; --resume starts again at step 0")
	} else {
		t.log.Warn().Int("epoch", t.state.Epoch).Msg("stopped; --resume goes on after this epoch")
	}
	return ErrStopped
}
