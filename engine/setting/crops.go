package setting

import (
	"strings"

	"udml-gpu/engine/method"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels/augment"
	"udml-gpu/models/backbone"
)

// mostCrops is the largest number of small views of an image.
const mostCrops = 64

// cropRows are the settings of small views (multi-crop). The area is that of SwAV's program for photos.
func (c *Config) cropRows() []table.Row {
	return []table.Row{
		table.Int("crops", &c.Crops, 0, "small views of each image besides the two (multi-crop), with --method "+
			sentenceOf(method.SmallViewers(), "or")).Within(0, mostCrops).Unpreset(),
		table.Int("crop-size", &c.CropSize, 0, "side of the views of --crops in pixels").
			Auto("half of --size, or the nearest that --backbone takes").Within(0, 1024).Unpreset(),
		table.String("crop-area", &c.CropArea, "0.05,0.14", "share of the image's area that a view of --crops shows, LO,HI, of a box with "+
			"sides as 3:4 to 4:3").Unpreset().
			Checked(func() error { _, _, err := c.cropArea(); return err }),
	}
}

// sentenceOf is "a, b or c".
func sentenceOf(names []string, word string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}

// CropRanges are the ranges of random changes of a small view: those of the second view, of a box of --crop-area.
func (c *Config) CropRanges() augment.Ranges {
	_, r := c.Ranges()
	r.AreaLo, r.AreaHi, _ = c.cropArea() // checked by Resolve
	return r
}

// cropArea is --crop-area as two numbers.
func (c *Config) cropArea() (lo, hi float64, err error) {
	return areaOf("crop-area", c.CropArea, "0.05,0.14")
}

// resolveCrops fills in the size of small views, where there are any.
func (c *Config) resolveCrops(net backbone.Network) {
	if c.Crops == 0 || c.CropSize != 0 {
		return
	}
	step := max(1, net.Step)
	c.CropSize = (c.Size/2 + step/2) / step * step
	c.CropSize = min(max(c.CropSize, (net.MinSize+step-1)/step*step), c.Size)
}

// checkCrops is a UsageError for small views that the method or the network cannot take.
func (c *Config) checkCrops(net backbone.Network, m method.Method) error {
	if c.Crops == 0 {
		return nil
	}
	if !method.TakesSmallViews(m) {
		return Usage("--crops %d: the loss of --method %s takes no small views; those of %s do", c.Crops, c.Method,
			sentenceOf(method.SmallViewers(), "and"))
	}
	if c.CropSize < net.MinSize || c.CropSize > c.Size {
		return Usage("--crop-size %d is out of range: expected %d, the least of %s, to %d (--size)", c.CropSize, net.MinSize, c.Backbone,
			c.Size)
	}
	return c.checkStep(net, "crop-size", c.CropSize)
}
