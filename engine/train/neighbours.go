package train

import "context"

// pairUp gives the loader the neighbours that --positives neighbours shows in second views. They are found at the start of an
// epoch, unless they are there already: they belong to the whole epoch, and in its middle the network has moved on.
func (t *Trainer) pairUp(ctx context.Context) error {
	if t.Network.Config.Positives != "neighbours" {
		return nil
	}
	if t.neighbours == nil {
		list, err := t.Network.Nearest(ctx, t.train)
		if err != nil {
			return err
		}
		t.neighbours = list
	}
	t.loader.PairWith(t.neighbours)
	return nil
}
