package train

import "context"

// shrink has the network see all images at --train-size from before its first step to its last: what the method does before an epoch then
// finds the features that the views have. An embedding layer that starts fitted is fitted again to them.
func (t *Trainer) shrink(ctx context.Context) error {
	c := t.Network.Config
	if c.Shows() == 0 || t.state.Epoch >= c.Epochs {
		return nil
	}
	t.Network.SetSize(c.ViewSize())
	if t.state.Step > 0 || !c.FitsHead() {
		return nil
	}
	start, err := t.origin() // of a run that was stopped here the layer is fitted already
	if err != nil {
		return err
	}
	if start.Numbers != nil {
		t.Network.Mix(start, start, 0)
	}
	note := t.Network.Note
	t.Network.Note = nil // of the same images it has been told
	defer func() { t.Network.Note = note }()
	return t.explain(t.Network.InitHead(ctx, t.train, &t.features.train))
}
