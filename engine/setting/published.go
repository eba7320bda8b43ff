package setting

import (
	"math"
	"os"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/hub"
)

// namesWeights says whether --pretrained names a file or a folder.
func (c *Config) namesWeights() bool {
	return !c.weightsOpen() && c.Pretrained != "true" && c.Pretrained != "false"
}

// resolveBackbone fills in the network: that of the weights which --pretrained names, if they are a transformer's or their folder says it,
// or else the usual one. It also gives how their publisher prepares images; nil where nothing says it. Weights are looked at only where a
// setting is left to them, so that a run can be read on a machine without them.
func (c *Config) resolveBackbone() (*hub.Input, error) {
	in, err := c.askWeights()
	if err != nil {
		return nil, err
	}
	if c.Backbone == "" {
		c.Backbone = "squeezenet"
		if c.Channels == 1 {
			c.Backbone = "conv4"
		}
	}
	if s, err := backbone.ParseSpec(c.Backbone); err == nil && in == nil {
		in = hub.UsualOf(s)
	}
	return in, nil
}

// askWeights asks the weights that --pretrained names for what is left to them. A file alone says nothing more about a network that is
// named.
func (c *Config) askWeights() (*hub.Input, error) {
	if !c.namesWeights() || c.Backbone != "" && (!c.inputOpen() || !isFolder(c.Pretrained)) {
		return nil, nil
	}
	asked, other := backbone.ParseSpec(c.Backbone) // the zero Spec for a network of another kind
	w, err := hub.OpenWeights(c.Pretrained, asked)
	if err == nil {
		defer w.Close()
		err = w.Want(c.Backbone != "" && other != nil)
	}
	if err != nil {
		return nil, baddata.Errorf("--pretrained %s: %w", c.Pretrained, err)
	}
	if c.Backbone == "" {
		if c.Backbone = w.Backbone; w.Spec.Family != "" {
			c.Backbone = w.Spec.Name()
		}
	}
	if !c.inputOpen() {
		return nil, nil
	}
	in, err := w.Prepared()
	if err != nil {
		return nil, baddata.Errorf("--pretrained %s: %w", c.Pretrained, err)
	}
	return in, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// inputOpen says whether a setting of how images are prepared is left to the program.
func (c *Config) inputOpen() bool {
	return c.Size == 0 || c.Resize == 0 || c.ResizeMode == "" || c.Interpolation == "" || c.PixelRange == 0 || c.Mean == "" || c.Std == ""
}

// resolveSizes fills in how images are scaled: as in prepares them, or as is usual for net.
func (c *Config) resolveSizes(net backbone.Network, in *hub.Input) {
	factor := 1.0 // the whole picture
	if c.Epochs > 0 {
		factor = 1.1 // room for crops at random
	}
	if in == nil {
		in = &hub.Input{Size: net.Size, ResizeMode: "squash", Interpolation: "bilinear"}
	} else {
		factor = float64(in.Resize) / float64(in.Size)
	}
	if c.Size == 0 {
		c.Size = in.Size
	}
	if c.Resize == 0 {
		c.Resize = int(math.Round(factor * float64(c.Size)))
	}
	if c.ResizeMode == "" {
		c.ResizeMode = in.ResizeMode
	}
	if c.Interpolation == "" {
		c.Interpolation = in.Interpolation
	}
}

// levelsOf is net with the normalisation of in, if there is one.
func levelsOf(net backbone.Network, in *hub.Input) backbone.Network {
	if in != nil {
		net.Range, net.BGR, net.Mean, net.Std = float64(in.Range), false, in.Mean, in.Std
	}
	return net
}
