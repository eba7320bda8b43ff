package train

import (
	"encoding/json"
	"errors"
	"os"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/run"
	"udml-gpu/kernels"
	"udml-gpu/models/disk"
	"udml-gpu/models/layer"
)

// Diagnosis is the content of diagnosis.json, for a run that diverged or collapsed.
type Diagnosis struct {
	Reason  string `json:"reason"` // steps, epoch, network, one cluster or embedding
	Message string `json:"message"`
	// Step is the number of steps taken in the whole run, Epoch the epoch of the last one. With a GPU the run stops up to 15 steps
	// after the step that was too much.
	Step  int `json:"step"`
	Epoch int `json:"epoch"`
	Since int `json:"since_epoch"` // the epoch in which it began
	// SkippedInRow is the number of steps in a row that were skipped at the end.
	SkippedInRow int `json:"skipped_in_row"`
	// LastGood is the newest intact checkpoint from before it began; "" where there is none.
	LastGood string          `json:"last_good_checkpoint"`
	Batch    *BatchDiagnosis `json:"batch,omitempty"`
	Layers   []LayerNorms    `json:"layers,omitempty"`
	History  []EpochHealth   `json:"history"` // the last epochs
}

// BatchDiagnosis is the batch with which it began (for a collapse: the last batch), computed again after the run ended.
type BatchDiagnosis struct {
	Step         int                     `json:"step"`
	Epoch        int                     `json:"epoch"`
	Batch        int                     `json:"batch"` // within the epoch, from 1
	LearningRate finiteOrText            `json:"learning_rate"`
	Images       []string                `json:"images"`
	SecondViews  []string                `json:"second_views,omitempty"` // where a plan says what other views show
	Terms        map[string]finiteOrText `json:"terms"`
	NotFinite    bool                    `json:"not_finite"` // a parameter, a gradient or the loss
	// Exact says that nothing has changed since that step, so that terms and gradients are those of the step. Otherwise they are
	// those of the same images with the parameters after step ParametersOf.
	Exact        bool `json:"exact"`
	ParametersOf int  `json:"parameters_after_step"`
}

// EpochHealth are the figures of an epoch that can show a collapse. In JSON those of the method are keys of the same object.
type EpochHealth struct {
	Epoch         int
	Figures       run.Health    // of the method (method.Figures.Diagnosis)
	EffectiveRank *finiteOrText // nil for an epoch without an evaluation
	Skipped       int
}

// MarshalJSON writes epoch, the figures, effective_rank and skipped_steps.
func (h EpochHealth) MarshalJSON() ([]byte, error) {
	all := map[string]any{"epoch": h.Epoch, "skipped_steps": h.Skipped}
	for _, f := range h.Figures {
		all[f.Key] = finiteOrText(f.Value)
	}
	if h.EffectiveRank != nil {
		all["effective_rank"] = *h.EffectiveRank
	}
	return json.Marshal(all)
}

// historyLength is the largest number of epochs in a diagnosis.
const historyLength = 10

// removeDiagnosis removes the diagnosis of an earlier attempt, since this one may end differently.
func (t *Trainer) removeDiagnosis() {
	if !t.leads() {
		return
	}
	if err := os.Remove(t.run.Path(run.DiagnosisFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.log.Warn().Err(err).Msgf("the %s of an earlier attempt cannot be removed: %v", run.DiagnosisFile, err)
	}
}

// diagnosed writes diagnosis.json when err is a Divergence, and adds its path to the error's message. If it cannot be written
// there is a warning, since the run has ended anyway.
func (t *Trainer) diagnosed(err error) error {
	var d *Divergence
	if !errors.As(err, &d) || !t.leads() {
		return err
	}
	t.show.Clear()
	good := t.lastGood(d)
	d.Kept = "; no checkpoint was written before"
	if good != "" {
		d.Kept = "; " + good + " is intact and from before"
	}
	path := t.run.Path(run.DiagnosisFile)
	b, failed := json.MarshalIndent(t.diagnosis(d, good), "", "  ")
	if failed == nil {
		failed = disk.Replace(path, append(b, '\n'))
	}
	if failed != nil {
		t.log.Warn().Err(failed).Msgf("%s cannot be written: %v", path, failed)
		return err
	}
	d.Kept += "; " + path + " says more"
	return err
}

func (t *Trainer) diagnosis(d *Divergence, good string) *Diagnosis {
	g := &Diagnosis{
		Reason: d.Reason, Message: d.Error(), Step: t.state.Step, Epoch: t.epochOf(t.state.Step), Since: d.Since,
		SkippedInRow: t.state.SkippedInRow, LastGood: good, History: t.recentHealth(),
	}
	g.Batch = t.computeAgain(d.Step) // before the norms, since it computes the gradients
	g.Layers = t.layerNorms()
	if err := machine.Fault(t.Network.Device); err != nil {
		t.log.Warn().Err(err).Msgf("%s is without norms: %v", run.DiagnosisFile, err)
		g.Batch, g.Layers = nil, nil
	}
	return g
}

// computeAgain runs the batch of a step again, without an update. Views and dropout are functions of epoch and image, so its
// terms and gradients are those of the step if every step since was skipped and so changed nothing.
func (t *Trainer) computeAgain(step int) *BatchDiagnosis {
	per := t.loader.Batches()
	b := &BatchDiagnosis{
		Step: step, Epoch: t.epochOf(step), Batch: (step-1)%per + 1, LearningRate: finiteOrText(t.schedule.At(step - 1)),
		Terms: map[string]finiteOrText{}, ParametersOf: t.state.Step, Exact: t.unchangedSince(step),
	}
	t.numbers.setEpoch(b.Epoch)
	if t.begun != b.Epoch {
		t.loader.Follow(nil) // the plan of that epoch is no longer known
	}
	for batch := range t.loader.Epoch(b.Epoch, b.Batch-1) {
		b.Images = t.names(batch.Samples)
		if t.loader.Plan() != nil {
			b.SecondViews = t.names(batch.Second)
		}
		s := t.StepFor(len(batch.Samples))
		s.Fill(batch)
		s.program.Run()
		t.optim.Check(t.skip, s.out.Loss.Value())
		b.Terms["loss"] = finiteOrText(layer.Scalar(s.out.Loss, 0))
		for _, term := range s.out.Terms {
			b.Terms[term.Name] = finiteOrText(layer.Scalar(term.Value, term.Index))
		}
		break
	}
	b.NotFinite = kernels.Read[int32](t.skip)[0] != 0
	return b
}

// unchangedSince says whether every step from that one on was skipped and the loader still follows the plan of its epoch.
func (t *Trainer) unchangedSince(step int) bool {
	otherPlan := t.loader.Plan() != nil && t.begun != t.epochOf(step)
	return t.state.Step-step < t.state.SkippedInRow && !otherPlan
}

// names are the paths of those training images.
func (t *Trainer) names(samples []int32) []string {
	var list []string
	for _, i := range samples {
		list = append(list, t.train.Name(int(i)))
	}
	return list
}

// recentHealth are the last epochs of the run's history.
func (t *Trainer) recentHealth() []EpochHealth {
	h := t.state.History
	list := []EpochHealth{}
	for _, r := range h[max(0, len(h)-historyLength):] {
		e := EpochHealth{Epoch: r.Epoch, Skipped: r.Skipped, Figures: method.FiguresOf(t.method).Diagnosis(r.Health)}
		if r.Quality != nil {
			rank := finiteOrText(r.Quality.EffectiveRank)
			e.EffectiveRank = &rank
		}
		list = append(list, e)
	}
	return list
}
