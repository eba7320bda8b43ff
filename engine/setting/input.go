package setting

import (
	"strconv"
	"strings"

	"udml-gpu/models/backbone"
)

// resolveInput fills in the normalisation that the backbone was trained with, and writes numbers in one form, so that runs can be
// compared as text.
func (c *Config) resolveInput(net backbone.Network) {
	if c.ChannelOrder == "" {
		c.ChannelOrder = "rgb"
		if net.BGR && c.Channels == 3 {
			c.ChannelOrder = "bgr"
		}
	}
	if c.PixelRange == 0 {
		c.PixelRange = int(net.White())
	}
	if c.Channels != 1 && c.Channels != 3 {
		return // check reports it
	}
	mean, std := net.Input(c.Channels, float64(c.PixelRange), c.ChannelOrder == "bgr")
	c.Mean, c.Std = normalForm(c.Mean, mean), normalForm(c.Std, std)
}

// normalForm is the list of numbers in text without needless digits; of an empty text the list usual. Text that is not such a
// list is returned as it is, and check reports it.
func normalForm(text string, usual []float64) string {
	list := usual
	if text != "" {
		var ok bool
		if list, ok = numbers(text); !ok {
			return text
		}
	}
	words := make([]string, len(list))
	for i, v := range list {
		// 15 digits are enough for any decimal number of a user, and hide the rounding of 255 times 0.485.
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
		words[i] = strconv.FormatFloat(rounded, 'g', -1, 64)
	}
	return strings.Join(words, ",")
}

// numbers reads "a,b,c".
func numbers(text string) ([]float64, bool) {
	var list []float64
	for word := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil, false
		}
		list = append(list, v)
	}
	return list, true
}

// leastStd is the smallest standard deviation, for pixels in 0..1. The network's input then stays below 10,000, whose squares
// summed over a layer are far below the largest float32.
const leastStd = 1e-4

func (c *Config) checkPixelRange() error {
	if c.PixelRange != 1 && c.PixelRange != 255 {
		return Usage("--pixel-range %d is not known: expected 1 or 255", c.PixelRange)
	}
	return nil
}

// checkInput is an error for a normalisation that fits no image.
func (c *Config) checkInput() error {
	if err := c.checkPixelRange(); err != nil {
		return err
	}
	if c.ChannelOrder == "bgr" && c.Channels == 1 {
		return Usage("--channel-order bgr needs --channels 3: a grey image has one channel")
	}
	white := float64(c.PixelRange)
	for _, r := range []struct {
		flag, text string
		lo         float64
	}{{"mean", c.Mean, 0}, {"std", c.Std, leastStd * white}} {
		list, ok := numbers(r.text)
		for _, v := range list {
			ok = ok && v >= r.lo && v <= white // pixels, and so their mean and standard deviation, are between 0 and white
		}
		if !ok || len(list) != c.Channels {
			return Usage("--%s %q does not fit: expected %d numbers of %g to %g, separated by commas (--channels %d, --pixel-range %d)",
				r.flag, r.text, c.Channels, r.lo, white, c.Channels, c.PixelRange)
		}
	}
	return nil
}

// Network is the network that c (resolved) names, with the input normalisation and the pooling of c.
func (c *Config) Network() (backbone.Network, error) {
	net, err := backbone.Find(c.Backbone)
	if err != nil {
		return net, Usage("--backbone: %v", err)
	}
	if err := c.checkInput(); err != nil {
		return net, err
	}
	if net, err = net.Pooled(c.Pool); err != nil {
		return net, Usage("--pool %s: %v", c.Pool, err)
	}
	if net, err = net.Together(c.Stages); err != nil {
		return net, Usage("--stages %d: %v", c.Stages, err)
	}
	net.Range, net.BGR = float64(c.PixelRange), c.ChannelOrder == "bgr"
	net.Mean, _ = numbers(c.Mean) // checked above
	net.Std, _ = numbers(c.Std)
	return net, nil
}
