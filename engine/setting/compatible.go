package setting

import "path/filepath"

// freeToChange are the settings that do not alter what a run computes.
var freeToChange = map[string]bool{
	"epochs": true, "workers": true, "cache-ram": true, "cache": true, "keep": true, "checkpoint-every": true, "checkpoint-steps": true, "eval-every": true,
	"max-bad-steps": true, "collapse-epochs": true, "collapse-rank": true, "collapse-evals": true, // when to give up
	"out": true, "device": true, "max-bad": true, "max-pixels": true, "data": true, "layout": true, // the images themselves are held against the fingerprint
}

// CompatibleWith refuses a change of a setting that would make the resumed run another run, unless it is allowed. The
// changes that were made are returned.
func (c *Config) CompatibleWith(run Config, allowed Allowance) ([]Change, error) {
	c.keepWeights(run)
	unfit := c.Resolve()
	refused := c.changes(run, func(name string) bool { return !freeToChange[name] && !allowed.Has(name) })
	if len(refused) > 0 { // says more than that some setting does not go with it
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
	return c.changes(run, func(name string) bool { return !freeToChange[name] }), nil
}

// keepWeights leaves it to the run which weights it began with, where nothing else is said.
func (c *Config) keepWeights(run Config) {
	if c.weightsOpen() && c.Backbone == run.Backbone {
		c.Pretrained = run.Pretrained
	}
}

// networkKeys are the settings that say what a run's network is and how it sees an image.
var networkKeys = map[string]bool{
	"resize-mode": true, "interpolation": true, "channel-order": true, "pixel-range": true, "mean": true, "std": true,
	"backbone": true, "pretrained": true, "weights-part": true, "size": true, "resize": true, "channels": true, "invert": true, "dim": true, "head-init": true,
}

// KeepsNetwork resolves c and refuses another network than the run's.
func (c *Config) KeepsNetwork(run Config) error {
	c.keepWeights(run)
	err := c.Resolve()
	if list := c.changes(run, func(name string) bool { return networkKeys[name] }); len(list) > 0 {
		return Usage("%s: a run keeps its network", sentence(list)) // says more than that some setting does not go with it
	}
	return err
}
