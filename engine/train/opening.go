package train

import (
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
)

// begin gives a run that starts at step 0 its state and its diary.
func (t *Trainer) begin() error {
	t.state = run.State{Version: run.StateVersion, WrittenBy: machine.Version(), Data: t.train.Fingerprint(), Environment: machine.CurrentEnvironment(t.Network.Device)}
	if err := t.run.Begin(); err != nil {
		return err
	}
	t.event("start", t.opening())
	return nil
}

// opening is what the diary says of a start or a resume.
func (t *Trainer) opening() map[string]any {
	c := t.Network.Config
	return map[string]any{
		"epoch": t.state.Epoch, "epoch_step": t.state.EpochStep, "epochs": c.Epochs, "step": t.state.Step, "data": c.Data, "images": t.train.Len(),
		"skipped_images": t.skippedImages(), "data_fingerprint": t.state.Data, "environment": t.state.Environment,
	}
}
