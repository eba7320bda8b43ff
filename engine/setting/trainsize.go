package setting

import (
	"cmp"

	"udml-gpu/models/backbone"
)

// ViewSize is the side of the two training views in pixels.
func (c *Config) ViewSize() int { return cmp.Or(c.TrainSize, c.Size) }

// Shows is the side of the part of the scaled image that a training view shows, where the view has fewer pixels; else 0.
func (c *Config) Shows() int {
	if c.ViewSize() == c.Size {
		return 0
	}
	return c.Size
}

// checkTrainSize is a UsageError for a size of training views that the network cannot take.
func (c *Config) checkTrainSize(net backbone.Network) error {
	if c.TrainSize == 0 {
		return nil
	}
	if c.TrainSize < net.MinSize || c.TrainSize > c.Size {
		return Usage("--train-size %d is out of range: expected %d, the least of %s, to %d (--size)", c.TrainSize, net.MinSize, c.Backbone,
			c.Size)
	}
	return c.checkStep(net, "train-size", c.TrainSize)
}
