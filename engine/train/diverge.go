package train

import (
	"fmt"
	"slices"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
)

// Divergence is the error of a run whose numbers are no longer finite or whose embedding has collapsed. It is an ErrDiverged.
type Divergence struct {
	Reason string // one of the reasons below
	Seen   string // what was seen: the beginning of the message
	Try    string // what a user can do about it
	Step   int    // the step, counted from 1, whose batch the diagnosis shows
	Since  int    // the epoch in which it began, counted from 1
	// SavedBefore says that checkpoints may already contain the fault, since it is seen only after an epoch or two.
	SavedBefore bool
	Kept        string // names the newest checkpoint from before and the diagnosis; set when the run ends
}

// The reasons for a Divergence, as diagnosis.json has them.
const (
	badStepsReason = "steps"     // --max-bad-steps in a row were skipped
	badEpochReason = "epoch"     // every step of an epoch was skipped
	networkReason  = "network"   // the network holds or gives numbers that are not finite
	rankReason     = "embedding" // the effective rank was below --collapse-rank
)

// Error is the sentence for the user.
func (d *Divergence) Error() string { return d.Seen + d.Kept + "; start again with " + d.Try }

// Unwrap makes a Divergence an ErrDiverged.
func (d *Divergence) Unwrap() error { return network.ErrDiverged }

// remedy is the advice that helps most often against numbers that are not finite.
func (t *Trainer) remedy() string {
	if clip := t.Network.Config.ClipGrad; clip > 0 {
		return fmt.Sprintf("a lower --lr or a --clip-grad below %g", clip)
	}
	return "a lower --lr or --clip-grad 1"
}

// streak counts skipped steps in a row. A skipped step leaves parameters, moments and statistics as they were: when batch after
// batch fails, the parameters are at fault and no later step can repair them. So the default limit is 10: more than single bad
// batches reach, and few enough to waste no hours.
type streak struct {
	state       *run.State // holds the present count, for a resumed run
	most        int        // that many skipped steps in a row end the run; 0: no limit
	first, last int        // of the first streak that reached the limit: its first step and the step that reached it; 0: none
}

// add adds the outcome of step number step.
func (k *streak) add(step int, skipped bool) {
	if !skipped {
		k.state.SkippedInRow = 0
		return
	}
	k.state.SkippedInRow++
	if k.most > 0 && k.state.SkippedInRow >= k.most && k.last == 0 {
		k.first, k.last = step-k.state.SkippedInRow+1, step
	}
}

// broken is the device's fault or the error of a rank that is gone: what the last step left is then no result.
func (t *Trainer) broken() error {
	if err := machine.Fault(t.Network.Device); err != nil {
		return err
	}
	return t.group.Err()
}

// diverging is an error of broken, or a Divergence when too many steps in a row were skipped. It knows only steps that the
// recorder has read: with a GPU the host may be up to 15 steps ahead.
func (t *Trainer) diverging() error {
	if err := t.broken(); err != nil || t.recorder == nil {
		return err
	}
	k := t.recorder.streak
	if k.last == 0 {
		return nil
	}
	return &Divergence{
		Reason: badStepsReason, Step: k.first, Since: t.epochOf(k.first), Try: t.remedy(),
		Seen: fmt.Sprintf("training diverged: %d steps in a row, from step %d in epoch %d on, gave numbers that are not finite "+
			"(--max-bad-steps %d)", k.last-k.first+1, k.first, t.epochOf(k.first), k.most),
	}
}

// epochLost is the Divergence for an epoch in which every step was skipped. It ends training whatever --max-bad-steps is, since
// every image has been tried with these parameters.
func (t *Trainer) epochLost(steps int) error {
	return &Divergence{
		Reason: badEpochReason, Step: t.state.Step - steps + 1, Since: t.state.Epoch + 1, Try: t.remedy(),
		Seen: fmt.Sprintf("training diverged: none of the %d steps of epoch %d gave finite numbers", steps, t.state.Epoch+1),
	}
}

// finiteImages is the number of images that checkFinite embeds. One is enough: the check is of the network, not of the images.
const finiteImages = 1

// checkFinite is a Divergence unless all parameters, statistics and moments are finite and the embedding of the first training
// image is too. It runs before each evaluation and each checkpoint, so that no checkpoint holds a network beyond repair: a step
// is checked before its update, and the effect of the update is seen in the next step at the earliest. It waits for the device.
func (t *Trainer) checkFinite() error {
	e := t.Network.ForwardFor(min(finiteImages, t.train.Len()))
	t.Network.Crops(e.Images, t.train, 0)
	e.Program.Forward()
	all := []*kernels.Array{e.Embedding.Value()}
	moments, _ := t.moments()
	for _, p := range slices.Concat(t.Network.Store.Params(), moments) {
		all = append(all, p.Value)
	}
	update.Finite(t.skip, all...)
	bad := kernels.Read[int32](t.skip)[0] != 0
	if err := t.broken(); err != nil || !bad {
		return err
	}
	if t.state.Step == 0 {
		return baddata.Errorf("the network holds numbers that are not finite before any training: the weights of --pretrained %s "+
			"cannot be used; name another file", t.Network.Config.Pretrained)
	}
	return &Divergence{
		Reason: networkReason, Step: t.state.Step, Since: t.epochOf(t.state.Step), Try: t.remedy(),
		Seen: fmt.Sprintf("training diverged: after step %d the network or its embedding holds numbers that are not finite", t.state.Step),
	}
}

// epochOf is the epoch of a step, both counted from 1: an epoch has as many steps as the loader has batches.
func (t *Trainer) epochOf(step int) int { return (step-1)/t.loader.Batches() + 1 }
