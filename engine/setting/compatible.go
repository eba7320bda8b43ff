package setting

import (
	"path/filepath"

	"udml-gpu/engine/setting/table"
)

// CompatibleWith refuses a change of a setting that would make the resumed run another run, unless it is allowed. The
// changes that were made are returned.
func (c *Config) CompatibleWith(run Config, allowed Allowance) ([]Change, error) {
	c.keepWeights(run)
	unfit := c.Resolve()
	refused := c.changes(run, func(r table.Row) bool { return !r.MayChange && !allowed.Has(r.Key) })
	if len(refused) > 0 { // first, since a change may be what puts another setting out of its range
		return nil, Usage("%s: a run keeps its settings, unless --allow-change names them", sentence(refused))
	}
	if unfit != nil {
		return nil, unfit
	}
	if filepath.Clean(c.Out) != filepath.Clean(run.Out) {
		return nil, Usage("--out %s differs from the run's folder %s: a resumed run stays where it is", c.Out, run.Out)
	}
	if c.Epochs < run.Epochs {
		return nil, Usage("--epochs %d is less than the run's %d", c.Epochs, run.Epochs)
	}
	return c.changes(run, func(r table.Row) bool { return !r.MayChange }), nil
}

// keepWeights leaves it to the run which weights it began with, where nothing else is said.
func (c *Config) keepWeights(run Config) {
	if c.weightsOpen() && c.Backbone == run.Backbone {
		c.Pretrained = run.Pretrained
	}
}

// KeepsNetwork resolves c and refuses another network than the run's.
func (c *Config) KeepsNetwork(run Config) error {
	c.keepWeights(run)
	err := c.Resolve()
	if list := c.changes(run, func(r table.Row) bool { return r.OfNetwork }); len(list) > 0 {
		return Usage("%s: a run keeps its network", sentence(list)) // first, since it may be what puts another setting out of its range
	}
	return err
}
