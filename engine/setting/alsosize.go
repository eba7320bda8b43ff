package setting

import "udml-gpu/models/backbone"

// openAlso leaves the second size that images are seen at to the program.
const openAlso = -1

// The second size that was measured to be best beside the usual one (docs/backbones.md, "Two sizes").
const measuredSize, measuredAlso = 224, 160

// resolveAlso sets the second size where it is open: of the built-in weights that of the measured size, else none.
func (c *Config) resolveAlso(net backbone.Network) {
	if c.AlsoSize != openAlso {
		return
	}
	c.AlsoSize = 0
	measured := net.BuiltIn != nil && c.Pretrained == "true" && c.Pool == net.Pooling() && c.Stages == max(1, net.Taken)
	if measured && c.Size == measuredSize {
		c.AlsoSize = measuredAlso
	}
}

// checkAlso is a UsageError for a second size that the network cannot take, or that cannot be mirrored.
func (c *Config) checkAlso(net backbone.Network) error {
	switch {
	case c.AlsoMirrored && c.AlsoSize == 0:
		return Usage("--also-mirrored needs a second size: give one with --also-size, or say --also-mirrored=false")
	case c.AlsoMirrored && c.MirrorAverage:
		return Usage("with --mirror-average both sizes show the mirror image too: say --also-mirrored=false")
	case c.AlsoSize == 0:
		return nil
	case c.AlsoSize == c.Size:
		return Usage("--also-size %d is --size: expected another one, or 0 for the features of one", c.AlsoSize)
	case c.AlsoSize < net.MinSize:
		return Usage("--also-size %d is too small for %s: expected 0 or at least %d", c.AlsoSize, c.Backbone, net.MinSize)
	}
	return c.checkStep(net, "also-size", c.AlsoSize)
}
