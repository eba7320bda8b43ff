package engine

import (
	"path/filepath"
	"reflect"
)

// freeToChange are the settings that do not alter what a run computes.
var freeToChange = map[string]bool{
	"epochs": true, "workers": true, "cache-ram": true, "keep": true, "checkpoint-every": true, "eval-every": true,
	"max-bad-steps": true, "collapse-epochs": true, "collapse-rank": true, "collapse-evals": true, // when to give up
	"out": true, "device": true, "max-bad": true, "data": true, // the images themselves are held against the fingerprint
}

// CompatibleWith refuses a change of a setting that would make the resumed run another run.
func (c *Config) CompatibleWith(run Config) error {
	if err := c.Resolve(); err != nil {
		return err
	}
	if filepath.Clean(c.Out) != filepath.Clean(run.Out) {
		return usage("--out %s differs from the run's folder %s: a resumed run stays where it is", c.Out, run.Out)
	}
	if err := c.sameAs(run, func(name string) bool { return !freeToChange[name] }); err != nil {
		return err
	}
	if c.Epochs < run.Epochs {
		return usage("--epochs %d is less than the run's %d", c.Epochs, run.Epochs)
	}
	return nil
}

// networkKeys are the settings that say what a run's network is and how it sees an image.
var networkKeys = map[string]bool{
	"resize-mode": true, "interpolation": true, "channel-order": true, "pixel-range": true, "mean": true, "std": true,
	"backbone": true, "pretrained": true, "size": true, "resize": true, "channels": true, "invert": true, "dim": true, "head-init": true,
}

// KeepsNetwork resolves c and refuses another network than the run's.
func (c *Config) KeepsNetwork(run Config) error {
	err := c.Resolve()
	if other := c.sameAs(run, func(name string) bool { return networkKeys[name] }); other != nil {
		return other // says more than that some setting does not go with it
	}
	return err
}

// sameAs refuses a difference in the settings that matter.
func (c *Config) sameAs(run Config, matters func(name string) bool) error {
	was, now := reflect.ValueOf(run), reflect.ValueOf(*c)
	for i := range was.NumField() {
		name := was.Type().Field(i).Tag.Get("yaml")
		if matters(name) && was.Field(i).Interface() != now.Field(i).Interface() {
			return usage("--%s %v differs from the run's %v: a run keeps its settings", name, now.Field(i), was.Field(i))
		}
	}
	return nil
}
