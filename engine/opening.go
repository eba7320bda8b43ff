package engine

// begin gives a run that starts at step 0 its state and its diary.
func (t *Trainer) begin() error {
	t.state = State{Version: stateVersion, WrittenBy: Version(), Data: t.train.Fingerprint(), Environment: currentEnvironment(t.network.Device)}
	if err := t.run.begin(); err != nil {
		return err
	}
	t.event("start", t.opening())
	return nil
}

// opening is what the diary says of a start or a resume.
func (t *Trainer) opening() map[string]any {
	c := t.network.Config
	return map[string]any{
		"epoch": t.state.Epoch, "epoch_step": t.state.EpochStep, "epochs": c.Epochs, "step": t.state.Step, "data": c.Data, "images": t.train.Len(),
		"skipped_images": t.skippedImages(), "data_fingerprint": t.state.Data, "environment": t.state.Environment,
	}
}
