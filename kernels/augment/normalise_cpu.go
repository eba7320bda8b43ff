package augment

import "udml-gpu/kernels"

// normaliseTile is the number of pixels that one core handles at a time.
const normaliseTile = 1 << 12

// normaliseLoop is the reference.
func normaliseLoop[T kernels.Float](y, x []T, mean, std []float64, reverse bool) {
	for i := range x {
		c := i % len(mean)
		y[i] = T((255*float64(x[i-c+channelOf(c, len(mean), reverse)]) - mean[c]) / std[c])
	}
}

// channelOf is the channel of the image that becomes channel c.
func channelOf(c, channels int, reverse bool) int {
	if reverse {
		return channels - 1 - c
	}
	return c
}

// normalise multiplies instead of dividing and takes one channel after the other, without a modulus.
func normalise[T kernels.Float](y, x []T, mean, std []float64, reverse bool) {
	channels := len(mean)
	if channels == 0 || len(x) == 0 {
		return
	}
	wantApart(reverse, &y[0] == &x[0])
	kernels.Tiles(len(x)/channels, normaliseTile, func(lo, hi int) {
		yt, xt := y[lo*channels:hi*channels], x[lo*channels:hi*channels]
		for c := range channels {
			scale, mu, sd := T(255), T(mean[c]), T(1/std[c])
			from := channelOf(c, channels, reverse)
			for i := 0; i < len(xt); i += channels {
				yt[i+c] = (T(scale*xt[i+from]) - mu) * sd //nolint:unconvert // rounds the product: Go may fuse it
			}
		}
	})
}
