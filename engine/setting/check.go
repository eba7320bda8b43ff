package setting

import (
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/method"
	"udml-gpu/engine/optim"
	"udml-gpu/models/backbone"
)

// check refuses what cannot work, naming the flag.
func (c *Config) check(net backbone.Network) error {
	for _, r := range []struct {
		flag      string
		v, lo, hi float64
	}{
		{"size", float64(c.Size), float64(net.MinSize), 1024},
		{"resize", float64(c.Resize), float64(c.Size), 2048},
		{"dim", float64(c.Dim), 1, 65536},
		{"clusters", float64(c.Clusters), 1, 1 << 20},
		{"batch", float64(c.Batch), 1, 1 << 16},
		{"epochs", float64(c.Epochs), 0, 1e6},
		{"temperature", c.Temperature, 1e-4, 1e4},
		{"alpha", c.Alpha, 0, 1e6},
		{"mu", c.Mu, 0, 1e6},
		{"metric-weight", c.MetricWeight, 0, 1e6},
		{"rim-weight", c.RimWeight, 0, 1e6},
		{"rec-weight", c.RecWeight, 0, 1e6},
		{"dropout", c.Dropout, 0, 0.99},
		{"flip", c.Flip, 0, 1},
		{"rotate", c.Rotate, 0, 180},
		{"shift", c.Shift, 0, float64(c.Size)},
		{"lr", c.LR, 0, 1e3},
		{"momentum", c.Momentum, 0, 0.9999},
		{"weight-decay", c.WeightDecay, 0, 1e3},
		{"backbone-lr", c.BackboneRate, 0, 1e3},
		{"whiten-power", c.WhitenPower, 0, 2},
		{"final-whiten-power", c.FinalPower, 0, 2},
		{"workers", float64(c.Workers), 1, 1024},
		{"eval-every", float64(c.EvalEvery), 0, 1e6},
		{"keep", float64(c.Keep), 1, 1e6},
		{"checkpoint-every", float64(c.CheckEvery), 1, 1e6},
		{"checkpoint-steps", float64(c.CheckSteps), 0, 1e9},
		{"warmup", float64(c.Warmup), 0, 1e9},
		{"cosine-steps", float64(c.CosineSteps), 0, 1e9},
		{"max-bad", float64(c.MaxBad), -1, 1e9},
		{"clip-grad", c.ClipGrad, 0, 1e9},
		{"max-bad-steps", float64(c.MaxBadSteps), 0, 1e9},
		{"collapse-epochs", float64(c.CollapseEpochs), 0, 1e6},
		{"collapse-rank", c.CollapseRank, 0, 65536},
		{"collapse-evals", float64(c.CollapseEvals), 0, 1e6},
	} {
		if !(r.v >= r.lo && r.v <= r.hi) {
			return Usage("--%s %g is out of range: expected %g to %g", r.flag, r.v, r.lo, r.hi)
		}
	}
	if err := c.checkChoices(); err != nil {
		return err
	}
	if _, err := c.CacheBytes(); err != nil {
		return err
	}
	if _, err := c.PixelLimit(); err != nil {
		return err
	}
	_, _, err := c.scale()
	return err
}

func (c *Config) checkChoices() error {
	for _, r := range []struct {
		flag, v string
		choices []string
	}{
		{"labels", c.Labels, []string{"auto", "folder", "none"}},
		{"boxes", c.Boxes, []string{"auto", "crop", "ignore"}},
		{"layout", c.Layout, []string{"auto", "splits", "plain"}},
		{"resize-mode", c.ResizeMode, picture.ResizeModes()},
		{"interpolation", c.Interpolation, picture.Interpolations()},
		{"channel-order", c.ChannelOrder, []string{"rgb", "bgr"}},
		{"crop", c.Crop, []string{"random", "centre"}},
		{"head-init", c.HeadInit, []string{"whiten", "random"}},
		{"method", c.Method, method.Names()},
		{"optimizer", c.Optimizer, optim.Names()},
		{"pseudo-labels", c.PseudoLabels, []string{"cluster", "oracle"}},
		{"positives", c.Positives, []string{"self", "neighbours"}},
	} {
		if !slices.Contains(r.choices, r.v) {
			return Usage("--%s %q is not known: expected one of %s", r.flag, r.v, strings.Join(r.choices, ", "))
		}
	}
	if c.Channels != 1 && c.Channels != 3 {
		return Usage("--channels %d is out of range: expected 1 (grey) or 3 (colour)", c.Channels)
	}
	if c.Channels == 1 && c.Backbone != "conv4" {
		return Usage("--channels 1 works with --backbone conv4 alone: %s was made for colour images", c.Backbone)
	}
	if c.Part != "" && (c.Pretrained == "true" || c.Pretrained == "false") {
		return Usage("--weights-part %s needs --pretrained=FILE: it names a part of that file", c.Part)
	}
	if err := c.checkInput(); err != nil {
		return err
	}
	return c.checkDevice()
}

// scale parses "LO,HI".
func (c *Config) scale() (lo, hi float64, err error) {
	low, high, _ := strings.Cut(c.Scale, ",")
	lo, errLo := strconv.ParseFloat(strings.TrimSpace(low), 64)
	hi, errHi := strconv.ParseFloat(strings.TrimSpace(high), 64)
	if errLo != nil || errHi != nil || !(lo >= 0.1 && lo <= hi && hi <= 10) {
		return 0, 0, Usage("--scale %q is out of range: expected LO,HI with 0.1 <= LO <= HI <= 10, such as 0.9,1.1", c.Scale)
	}
	return lo, hi, nil
}
