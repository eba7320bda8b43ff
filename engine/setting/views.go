package setting

import "udml-gpu/kernels/augment"

// Ranges are what the two views of a training image may differ by. Photos: the first view is a crop and flip, the
// second also turns and scales. Drawings (one channel): both views turn, scale and shift.
func (c *Config) Ranges() (first, second augment.Ranges) {
	lo, hi, _ := c.scale() // checked by Resolve
	second = augment.Ranges{Flip: c.Flip, Rotate: c.Rotate, ScaleLo: lo, ScaleHi: hi, Shift: c.Shift, Crop: c.Crop == "random"}
	first = second
	if c.Channels == 3 {
		first.Rotate, first.ScaleLo, first.ScaleHi = 0, 1, 1
	}
	return first, second
}
