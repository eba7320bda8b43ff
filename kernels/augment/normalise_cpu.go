package augment

import "udml-gpu/kernels"

// normaliseTile is the number of pixels that one core handles at a time.
const normaliseTile = 1 << 12

// normaliseLoop is the reference.
func normaliseLoop[T kernels.Float](y, x []T, mean, std []float64) {
	for i, v := range x {
		c := i % len(mean)
		y[i] = T((255*float64(v) - mean[c]) / std[c])
	}
}

// normalise multiplies instead of dividing and takes the usual channel counts without a modulus.
func normalise[T kernels.Float](y, x []T, mean, std []float64) {
	channels := len(mean)
	if channels == 0 {
		return
	}
	kernels.Tiles(len(x)/channels, normaliseTile, func(lo, hi int) {
		yt, xt := y[lo*channels:hi*channels], x[lo*channels:hi*channels]
		for c := range channels {
			scale, mu, sd := T(255), T(mean[c]), T(1/std[c])
			for i := c; i < len(xt); i += channels {
				yt[i] = (T(scale*xt[i]) - mu) * sd
			}
		}
	})
}
