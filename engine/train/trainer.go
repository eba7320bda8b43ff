// Package train is the training loop: it reads like the algorithm, and stops, resumes and diagnoses itself.
package train

import (
	"context"
	"os"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/images"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
)

// Trainer trains a network on the images of one cache.
type Trainer struct {
	*Learner
	train  *cache.Cache
	test   *cache.Cache // images that quality is measured on: the test split, or the same as train
	notes  []notes.Note // on parts of the data set that are not used, and doubts about how it was read
	loader *loader.Loader
	run    *run.Dir
	log    zerolog.Logger
	show   Progress

	recorder *recorder
	state    run.State
	features features // of the present network, from an evaluation until a layer is fitted on them
	begun    int      // the epoch that the method has prepared: whose plan the loader follows, if it follows one
	saving   saving
	points   *run.Points    // of the result; nil before
	classes  *run.Classes   // of the result; nil before, and without scores
	trained  trainedNetwork // where the result is another network
	started  time.Time      // the time up to which state.Seconds counts
	part     *float64       // of state.Spent, to which it is added too; nil: none
	albums   []report.Album // pictures of the result; nil before there is one
	ui       images.UI

	passSeconds float64 // that all training images took through the network once; 0: they did not go through it

	together

	unfinished *epochFigures    // of the epoch that a resumed run continues; nil: none
	requests   <-chan os.Signal // each signal asks for a checkpoint
}

// Progress shows how far training is, as with a bar on a terminal.
type Progress interface {
	// Step reports a finished step and its loss terms.
	Step(at report.Position, terms map[string]float64)
	// Clear removes the bar before something else is printed.
	Clear()
}

// Train runs epochs until the configured number is reached. The last epoch is the result; labels choose no other. When ctx
// ends, training ends at the next step with ErrStopped.
func (t *Trainer) Train(ctx context.Context) (*run.Result, error) {
	t.removeDiagnosis()
	return t.mirrored(t.conclude(t.epochs(t.under(ctx))))
}

func (t *Trainer) epochs(ctx context.Context) (*run.Result, error) {
	t.started = time.Now()
	if t.state.Before == nil {
		before, err := t.assess(ctx, nil)
		if err != nil {
			return nil, err
		}
		if before.Reliability, err = t.reliability(ctx); err != nil {
			return nil, err
		}
		t.state.Before, t.state.StartByClass = before, before.BestByClass()
		if err := t.lookAtStart(ctx); err != nil {
			return nil, err
		}
		t.log.Info().Interface("quality", before).Msg("before training: " + before.Summary())
		t.event("evaluation", map[string]any{"epoch": 0, "quality": before})
	}
	if err := t.shrink(ctx); err != nil {
		return nil, err
	}
	for t.state.Epoch < t.Network.Config.Epochs {
		if err := t.epoch(ctx); err != nil {
			return nil, err
		}
		if err := t.checkpointEpoch(); err != nil {
			return nil, err
		}
	}
	return t.finish(ctx)
}

// epoch trains on all images once or, in a resumed epoch, on the rest of them.
func (t *Trainer) epoch(ctx context.Context) error {
	defer t.spend(&t.state.Spent.Training)()
	epoch := t.state.Epoch + 1
	t.numbers.setEpoch(epoch)
	figures := t.beginEpoch()
	if err := t.plan(ctx, epoch); err != nil {
		return t.saveIfStopped(err, figures)
	}
	t.freeFeatures()
	if err := t.keep(ctx); err != nil {
		return t.saveIfStopped(err, figures)
	}
	defer t.recorder.reset()
	before := time.Now()
	for batch := range t.loader.Epoch(epoch, t.state.EpochStep) {
		if err := t.boundary(ctx, figures); err != nil {
			return err
		}
		s := t.StepFor(len(batch.Samples))
		s.Fill(batch)
		t.learn(s, t.recorder)
		t.state.Step++
		t.state.EpochStep++
		t.state.Spent.Images += len(batch.Samples)
		t.recorder.note(len(batch.Samples))
		if t.recorder.full() {
			t.recorder.read(figures)
			if err := t.diverging(); err != nil {
				return err
			}
		}
		t.tookStep(time.Since(before))
		before = time.Now()
		t.show.Step(report.Position{
			Epoch: epoch, Epochs: t.Network.Config.Epochs, Step: t.state.EpochStep, Steps: t.loader.Batches(), Images: figures.images,
		}, figures.last)
	}
	return t.endEpoch(ctx, figures)
}

// beginEpoch are the figures of an epoch: empty, or those of the unfinished epoch that a resumed run continues.
func (t *Trainer) beginEpoch() *epochFigures {
	figures := t.unfinished
	t.unfinished = nil
	if figures == nil {
		figures = newEpochFigures(t.Learner)
		figures.within = run.NewStretches(t.state.Epoch+1, t.loader.Batches())
	}
	figures.total = t.loader.Batches()
	return figures
}

// endEpoch reports the epoch and counts it as done. After a signal during its evaluation the run stays at its last step.
func (t *Trainer) endEpoch(ctx context.Context, figures *epochFigures) error {
	t.limit.Elsewhere()
	t.recorder.finish(figures)
	t.show.Clear()
	if err := t.diverging(); err != nil {
		return err
	}
	if err := t.report(ctx, figures); err != nil {
		return t.saveIfStopped(err, figures)
	}
	t.state.Epoch++
	t.state.EpochStep = 0
	return t.collapsed()
}

// Close frees everything that the trainer holds; nothing is left on the device.
func (t *Trainer) Close() {
	if t.saving.done != nil { // only after an error: whether the last save succeeded changes nothing
		<-t.saving.done //nolint:errcheck // the comment above says why
	}
	if t.loader != nil { // something was to be trained
		t.loader.Close()
		t.recorder.free()
	}
	t.closeData()
	t.features.free()
	dev := t.Network.Device
	t.Free()
	dev.Close()
	t.run.Close()
}

func (t *Trainer) closeData() {
	t.train.Close()
	if t.test != t.train {
		t.test.Close()
	}
}
