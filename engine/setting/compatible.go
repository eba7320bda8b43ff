package setting

import (
	"path/filepath"

	"udml-gpu/engine/setting/table"
)

// CompatibleWith resolves c, the settings of a resumed run, and returns the settings that differ from run and change what a run
// computes. A difference that is not allowed is a UsageError.
func (c *Config) CompatibleWith(run Config, allowed Allowance) ([]Change, error) {
	c.keepWeights(run)
	unfit := c.Resolve()
	refused := c.changes(run, func(r table.Row) bool { return !r.MayChange && !allowed.Has(r.Key) })
	if len(refused) > 0 { // before unfit, since such a change may be the reason that another setting is out of its range
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

// SumOn takes the number of ranks on which a run that was before resumes, where its bytes depend on it and c does not say it.
func (c *Config) SumOn(ranks int, before Config) {
	if c.ReduceRanks != before.ReduceRanks {
		return
	}
	c.ReduceRanks = 0
	if c.Reduce == "fast" {
		c.ReduceRanks = ranks
	}
}

// keepWeights takes the run's --pretrained where c leaves it open.
func (c *Config) keepWeights(run Config) {
	if c.weightsOpen() && c.Backbone == run.Backbone {
		c.Pretrained = run.Pretrained
	}
}

// KeepsNetwork resolves c; a network that differs from the run's is a UsageError.
func (c *Config) KeepsNetwork(run Config) error {
	c.keepWeights(run)
	err := c.Resolve()
	if list := c.changes(run, func(r table.Row) bool { return r.OfNetwork }); len(list) > 0 {
		return Usage("%s: a run keeps its network", sentence(list)) // before err, since it may be the reason for it
	}
	return err
}
