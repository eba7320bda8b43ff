package setting

import (
	"strconv"
	"strings"
)

// mostPixels is the largest limit: the number of pixels of an image with 65,535 pixels a side, the largest that is read.
const mostPixels = 65535 * 65535

// PixelLimit is --max-pixels as a number, such as 179M, 0.5G or 40000000: K, M and G are thousands, millions and billions.
func (c *Config) PixelLimit() (int64, error) {
	number, factor := strings.TrimSpace(c.MaxPixels), 1.0
	for unit, f := range map[string]float64{"K": 1e3, "M": 1e6, "G": 1e9} {
		if rest, ok := strings.CutSuffix(number, unit); ok {
			number, factor = strings.TrimSpace(rest), f
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v*factor >= 1 && v*factor <= mostPixels) {
		return 0, Usage("--max-pixels %q is not a number of pixels from 1 to %d: expected something like 179M or 40000000",
			c.MaxPixels, mostPixels)
	}
	return int64(v * factor), nil
}
