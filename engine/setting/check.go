package setting

import (
	"strconv"
	"strings"

	"udml-gpu/engine/method"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels/augment"
	"udml-gpu/models/backbone"
)

// check is a UsageError that names the flag of a setting out of its range, or flags that do not go together. Settings of
// other methods must be within their bounds too.
func (c *Config) check() error {
	if err := checkRows(c.rows()); err != nil {
		return err
	}
	m, err := c.NewMethod()
	if err != nil {
		return err
	}
	if err := checkRows(m.Settings()); err != nil { // for checks of the method's own, which c's rows lack
		return err
	}
	if net, err := backbone.Find(c.Backbone); err == nil { // an unknown name is refused where it is looked up
		if err := c.checkShown(net, m); err != nil {
			return err
		}
	}
	if err := c.checkBlocks(); err != nil {
		return err
	}
	if c.Accumulate > c.Batch {
		return Usage("--accumulate %d is more than the %d images of a batch (--batch): each part needs one", c.Accumulate, c.Batch)
	}
	if c.Shards > c.Batch {
		return Usage("--shards %d is more than the %d images of a batch (--batch)", c.Shards, c.Batch)
	}
	if c.NormShards > 0 && c.BatchNorm != "host" {
		return Usage("--bn-shards %d needs --bn host", c.NormShards)
	}
	if err := c.checkReduce(); err != nil {
		return err
	}
	if c.BatchNorm == "frozen" && c.Pretrained == "false" {
		return Usage("--bn frozen needs pretrained weights (--pretrained): without them the statistics that it keeps are of no images")
	}
	if err := c.checkDropPath(); err != nil {
		return err
	}
	if c.Part != "" && (c.Pretrained == "true" || c.Pretrained == "false") {
		return Usage("--weights-part %s needs --pretrained=FILE: it names a part of that file", c.Part)
	}
	if err := c.checkViews(); err != nil {
		return err
	}
	_, err = c.Network()
	return err
}

// checkReduce is a UsageError for settings of --reduce that do not go together.
func (c *Config) checkReduce() error {
	switch {
	case c.Reduce == "fast" && c.Exchange == "bf16":
		return Usage("--reduce fast and --exchange bf16 do not go together, since libraries that add up in bfloat16 round after each " +
			"addition: leave one out")
	case c.Reduce != "fast" && c.ReduceRanks > 0:
		return Usage("--reduce-ranks %d needs --reduce fast", c.ReduceRanks)
	}
	return nil
}

func checkRows(rows []table.Row) error {
	if err := table.Check(rows); err != nil {
		return Usage("%v", err)
	}
	return nil
}

func (c *Config) checkChannels() error {
	if c.Channels != 1 && c.Channels != 3 {
		return Usage("--channels %d is out of range: expected 1 (grey) or 3 (colour)", c.Channels)
	}
	return nil
}

// scale is --scale, "LO,HI", as two numbers.
func (c *Config) scale() (lo, hi float64, err error) {
	lo, hi, ok := pair(c.Scale)
	if !ok || !(lo >= 0.1 && lo <= hi && hi <= 10) {
		return 0, 0, Usage("--scale %q is out of range: expected LO,HI with 0.1 <= LO <= HI <= 10, such as 0.9,1.1", c.Scale)
	}
	return lo, hi, nil
}

// area is the smallest and the largest share of the image that a view shows; 0, 0 for none.
func (c *Config) area() (lo, hi float64, err error) {
	if c.Area == "" {
		return 0, 0, nil
	}
	return areaOf("area", c.Area, "0.16,1")
}

// areaOf is a share of an image's area, LO,HI, the text of a setting, as two numbers. example is one for the error.
func areaOf(key, text, example string) (lo, hi float64, err error) {
	lo, hi, ok := pair(text)
	if !ok || !(lo >= 0.01 && lo <= hi && hi <= 1) {
		return 0, 0, Usage("--%s %q is out of range: expected LO,HI with 0.01 <= LO <= HI <= 1, such as %s", key, text, example)
	}
	return lo, hi, nil
}

// blurSigma is --blur-sigma, "LO,HI", as two numbers.
func (c *Config) blurSigma() (lo, hi float64, err error) {
	lo, hi, ok := pair(c.BlurSigma)
	if !ok || !(lo >= 0.01 && lo <= hi && hi <= augment.MostSigma) {
		return 0, 0, Usage("--blur-sigma %q is out of range: expected LO,HI with 0.01 <= LO <= HI <= %d, such as 0.1,2",
			c.BlurSigma, augment.MostSigma)
	}
	return lo, hi, nil
}

// eraseArea is --erase-area, "LO,HI", as two numbers.
func (c *Config) eraseArea() (lo, hi float64, err error) {
	lo, hi, ok := pair(c.EraseArea)
	if !ok || !(lo >= 0 && lo <= hi && hi <= 1) {
		return 0, 0, Usage("--erase-area %q is out of range: expected LO,HI with 0 <= LO <= HI <= 1, such as 0.02,0.33", c.EraseArea)
	}
	return lo, hi, nil
}

// pair are the two numbers of LO,HI.
func pair(text string) (lo, hi float64, ok bool) {
	low, high, _ := strings.Cut(text, ",")
	lo, errLo := strconv.ParseFloat(strings.TrimSpace(low), 64)
	hi, errHi := strconv.ParseFloat(strings.TrimSpace(high), 64)
	return lo, hi, errLo == nil && errHi == nil
}

// checkBlocks is a UsageError for more blocks than the network has.
func (c *Config) checkBlocks() error {
	net, err := backbone.Find(c.Backbone)
	if err != nil {
		return nil // an unknown name is refused where it is looked up
	}
	if _, err := net.Division(c.TrainBlocks); err != nil {
		return Usage("--train-blocks %d is out of range: %v", c.TrainBlocks, err)
	}
	return nil
}

// checkDropPath is a UsageError for a probability that nothing can apply to.
func (c *Config) checkDropPath() error {
	net, err := backbone.Find(c.Backbone)
	switch {
	case err != nil || c.DropPath == 0: // an unknown name is refused where it is looked up
		return nil
	case !net.Residual:
		return Usage("--drop-path %g needs a backbone with residual blocks, which %s has none of: leave it out", c.DropPath, c.Backbone)
	case c.TrainBlocks == 0:
		return Usage("--drop-path %g drops branches of blocks that are trained, and --train-blocks 0 trains none: leave one out",
			c.DropPath)
	}
	return nil
}

// checkShown is a UsageError for images that the network, or small views that the method does not take.
func (c *Config) checkShown(net backbone.Network, m method.Method) error {
	if c.Channels == 1 && !net.Grey {
		return Usage("--channels 1 works only with --backbone conv4: %s was made for colour images", c.Backbone)
	}
	if err := c.checkStep(net, "size", c.Size); err != nil {
		return err
	}
	if err := c.checkTrainSize(net); err != nil {
		return err
	}
	if err := c.checkAlso(net); err != nil {
		return err
	}
	return c.checkCrops(net, m)
}

// checkStep is a UsageError for a size, of the setting of that key, that the network's patches do not cover.
func (c *Config) checkStep(net backbone.Network, key string, size int) error {
	if net.Step < 2 || size%net.Step == 0 {
		return nil
	}
	below := max(1, size/net.Step) * net.Step
	return Usage("--%s %d is no multiple of %d, the patch of %s: %d and %d are", key, size, net.Step, c.Backbone, below, below+net.Step)
}
