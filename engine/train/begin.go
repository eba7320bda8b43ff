package train

import (
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
)

// begin sets the state of a run that starts at step 0, and opens its events.jsonl.
func (t *Trainer) begin() error {
	t.state = run.State{
		Version: run.StateVersion, WrittenBy: machine.Version(), Data: t.train.Fingerprint(),
		Environment: machine.CurrentEnvironment(t.Network.Device),
	}
	if !t.leads() {
		t.rankLog.Open(t.run.Name, t.group.Rank(), t.Network.Device.Name())
		return nil
	}
	if err := t.run.Begin(); err != nil {
		return err
	}
	t.event("start", t.startFields())
	return nil
}

// startFields are the fields of the event of a start or a resume.
func (t *Trainer) startFields() map[string]any {
	c := t.Network.Config
	return map[string]any{
		"epoch": t.state.Epoch, "epoch_step": t.state.EpochStep, "epochs": c.Epochs, "step": t.state.Step,
		"data": rawname.Text(c.Data), "images": t.train.Len(), "skipped_images": t.skippedImages(),
		"data_fingerprint": t.state.Data, "environment": t.state.Environment,
	}
}
