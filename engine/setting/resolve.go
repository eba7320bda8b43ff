package setting

import "udml-gpu/models/backbone"

// Resolve fills in settings that are left to the program, and checks all settings. A wrong one is a UsageError;
// weights that are asked and cannot be read are a *baddata.Error.
func (c *Config) Resolve() error {
	in, err := c.resolveBackbone()
	if err != nil {
		return err
	}
	net, err := backbone.Find(c.Backbone)
	if err != nil {
		return Usage("--backbone: %v", err)
	}
	c.resolveNetwork(net)
	c.resolveSizes(net, in)
	c.resolveAlso(net)
	c.resolveInput(levelsOf(net, in))
	c.resolveViews()
	c.resolveCrops(net)
	c.resolveOptimizer()
	c.Shards = max(c.Shards, 1)
	if c.Cache == "none" { // needed, because an empty flag keeps the folder of --config or of the run
		c.Cache = ""
	}
	if c.Mirror == "none" {
		c.Mirror = ""
	}
	if c.Preset == NoPreset {
		c.Preset = ""
	}
	return c.check()
}

func (c *Config) resolveNetwork(net backbone.Network) {
	if c.weightsOpen() {
		c.Pretrained = "false"
		if net.BuiltIn != nil && c.Channels == 3 {
			c.Pretrained = "true"
		}
	}
	if c.Pool == "" {
		c.Pool = net.Pooling()
	}
	if c.Stages == 0 {
		c.Stages = max(1, net.Taken)
	}
	if c.HeadInit == "auto" {
		c.HeadInit = "random"
		if c.Pretrained != "false" {
			c.HeadInit = "within"
		}
		if c.WhitenPower != usualPower && c.HeadInit == "within" { // which has no power
			c.HeadInit = "whiten"
		}
	}
	if c.Dim == 0 {
		c.Dim = usualDim
		if c.FitsHead() {
			c.Dim = min(whitenedDim, c.width(net))
		}
	}
	if c.Epochs == openEpochs {
		c.Epochs = usualEpochs
		if c.FitsHead() {
			c.Epochs = 0
		}
	}
}

// FitsHead says whether the embedding layer of c, which is resolved, starts fitted on the training images.
func (c *Config) FitsHead() bool { return c.HeadInit != "random" }

func (c *Config) resolveViews() {
	drawing := c.Channels == 1
	if c.Crop == "" {
		c.Crop = "random"
		if drawing {
			c.Crop = "centre"
		}
	}
	if c.Flip == -1 {
		c.Flip = 0.5
		if drawing {
			c.Flip = 0
		}
	}
	if c.Shift == -1 {
		c.Shift = 0
		if drawing {
			c.Shift = 2
		}
	}
}

// The dimensions of the embedding: of one that is learned from scratch as of the published method, and, of whitened features, as many
// as were measured to be of use (docs/backbones.md).
const usualDim, whitenedDim = 128, 512

// usualPower is the power by which directions are scaled where they are whitened.
const usualPower = 0.5

// width is the number of features of the network with the pooling of c; without a limit where check refuses it.
func (c *Config) width(net backbone.Network) int {
	net, err := net.Pooled(c.Pool)
	if err == nil {
		net, err = net.Together(c.Stages)
	}
	if err != nil {
		return whitenedDim
	}
	return net.Width()
}

// openEpochs leaves the number of epochs to the program, which takes usualEpochs where something is to be trained.
const openEpochs, usualEpochs = -1, 5

func (c *Config) resolveOptimizer() {
	if c.Optimizer == "" {
		c.Optimizer = "adamw"
		if c.Pretrained != "false" {
			c.Optimizer = "sgd"
		}
	}
	if c.LR == 0 {
		c.LR = 1e-3
	}
}
