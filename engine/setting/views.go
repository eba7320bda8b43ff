package setting

import (
	"strconv"
	"strings"

	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels/augment"
)

// ViewSettings are the ranges of random changes between the views of a training image.
type ViewSettings struct {
	TrainSize int // 0: Size

	Crop   string  // random or centre; auto: random for photos, centre for drawings
	Area   string  // LO,HI; "": none
	Flip   float64 // auto (-1): 0.5 for photos, 0 for drawings
	Rotate float64
	Scale  string  // LO,HI
	Shift  float64 // auto (-1): 0 for photos, 2 for drawings

	Jitter, Grey, Blur, Erase float64 // probabilities
	JitterStrength            string  // B,C,S,H
	BlurSigma, EraseArea      string  // LO,HI

	Crops    int    // small views of each image
	CropSize int    // auto: about half of Size, where there are any
	CropArea string // LO,HI
}

func (c *Config) viewRows() []table.Row {
	return table.Group("views", append([]table.Row{
		table.Int("train-size", &c.TrainSize, 0, "side of the training views in pixels, which show what those of --size would").
			Auto("--size").Within(0, 1024).Unpreset(),
		table.String("crop", &c.Crop, "", "where a training view of --size lies in the scaled image: random or centre").
			Auto("random for colour, centre for grey").OneOf("random", "centre"),
		table.String("area", &c.Area, "", "in the place of --crop: a training view shows a box of this share of the image's area, LO,HI, "+
			"with sides as 3:4 to 4:3, such as 0.16,1").Unpreset().
			Checked(func() error { _, _, err := c.area(); return err }),
		table.Float("flip", &c.Flip, -1, "probability of a horizontal flip").Auto("0.5 for colour, 0 for grey").Within(0, 1),
		table.Float("rotate", &c.Rotate, 10, "largest rotation in degrees, either way").Within(0, 180),
		table.String("scale", &c.Scale, "0.9,1.1", "smallest and largest scale, LO,HI").
			Checked(func() error { _, _, err := c.scale(); return err }),
		table.Float("shift", &c.Shift, -1, "largest shift in pixels, each way").
			Auto("0 for colour (which is cropped at random), 2 for grey").Within(0, float64(c.Size)),
		table.Float("jitter", &c.Jitter, 0, "probability that a training view has other colours").Within(0, 1).Unpreset(),
		table.String("jitter-strength", &c.JitterStrength, "0.4,0.4,0.4,0.1", "how far --jitter changes brightness, contrast, saturation "+
			"and hue, B,C,S,H: factors of 1-B to 1+B, and so on, and a turn of -H to H of the colour circle").Unpreset().
			Checked(func() error { _, err := c.jitterStrength(); return err }),
		table.Float("grey", &c.Grey, 0, "probability that a training view is grey").Within(0, 1).Unpreset(),
		table.Float("blur", &c.Blur, 0, "probability that a training view is blurred").Within(0, 1).Unpreset(),
		table.String("blur-sigma", &c.BlurSigma, "0.1,2", "smallest and largest standard deviation of --blur in pixels, LO,HI").Unpreset().
			Checked(func() error { _, _, err := c.blurSigma(); return err }),
		table.Float("erase", &c.Erase, 0, "probability that a box of a training view takes the view's mean colour").Within(0, 1).Unpreset(),
		table.String("erase-area", &c.EraseArea, "0.02,0.33", "smallest and largest share of the view that --erase covers, LO,HI").
			Unpreset().
			Checked(func() error { _, _, err := c.eraseArea(); return err }),
	}, c.cropRows()...)...)
}

// Ranges are the ranges of random changes of the two views of a training image. Photos (three channels): the first view is
// cropped and flipped, the second also rotated and scaled. Drawings (one channel): both views are rotated, scaled and shifted.
// Any of them may have other colours and be grey, blurred and covered, by draws of its own.
func (c *Config) Ranges() (first, second augment.Ranges) {
	lo, hi, _ := c.scale() // checked by Resolve
	second = augment.Ranges{Flip: c.Flip, Rotate: c.Rotate, ScaleLo: lo, ScaleHi: hi, Shift: c.Shift, Crop: c.Crop == "random"}
	second.AreaLo, second.AreaHi, _ = c.area() // checked too
	second.JitterShare = c.Jitter
	second.Jitter, _ = c.jitterStrength()
	second.Grey, second.Blur, second.Erase = c.Grey, c.Blur, c.Erase
	second.SigmaLo, second.SigmaHi, _ = c.blurSigma()
	second.EraseLo, second.EraseHi, _ = c.eraseArea()
	first = second
	if c.Channels == 3 {
		first.Rotate, first.ScaleLo, first.ScaleHi = 0, 1, 1
	}
	return first, second
}

// jitterStrength is --jitter-strength, "B,C,S,H".
func (c *Config) jitterStrength() (augment.Jitter, error) {
	var j augment.Jitter
	texts, most := strings.Split(c.JitterStrength, ","), [4]float64{1, 1, 1, 0.5}
	to := [4]*float64{&j.Brightness, &j.Contrast, &j.Saturation, &j.Hue}
	ok := len(texts) == len(to)
	for i := 0; ok && i < len(to); i++ {
		v, err := strconv.ParseFloat(strings.TrimSpace(texts[i]), 64)
		*to[i], ok = v, err == nil && v >= 0 && v <= most[i]
	}
	if !ok {
		return augment.Jitter{}, Usage("--jitter-strength %q is out of range: expected B,C,S,H with 0 to 1 for each of brightness, "+
			"contrast and saturation and 0 to 0.5 for the hue, such as 0.4,0.4,0.4,0.1", c.JitterStrength)
	}
	return j, nil
}

// checkViews is a UsageError for changes of views that would change none.
func (c *Config) checkViews() error {
	if c.Grey > 0 && c.Channels == 1 {
		return Usage("--grey %g changes nothing with --channels 1: leave it out", c.Grey)
	}
	if strength, _ := c.jitterStrength(); c.Jitter > 0 && !strength.Changes(c.Channels) {
		return Usage("--jitter %g changes nothing with --jitter-strength %s and --channels %d: leave it out", c.Jitter, c.JitterStrength,
			c.Channels)
	}
	return nil
}
