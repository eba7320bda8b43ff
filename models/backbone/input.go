package backbone

import "slices"

// Input is the normalisation that the weights were trained with, for images of that many channels: mean and deviation of pixels in
// 0..white, in the order blue, green, red where bgr is set. The figures of the table are converted, so that only unit and order change.
func (n Network) Input(channels int, white float64, bgr bool) (mean, std []float64) {
	mean, std = make([]float64, channels), make([]float64, channels)
	scale := white / n.White()
	for c := range channels {
		std[c] = scale
		if n.Mean != nil {
			mean[c], std[c] = n.Mean[c]*scale, n.Std[c]*scale
		}
	}
	if bgr != n.BGR {
		slices.Reverse(mean)
		slices.Reverse(std)
	}
	return mean, std
}

// White is the value of a white pixel before the mean is subtracted: 1 or 255.
func (n Network) White() float64 {
	if n.Range == 0 {
		return 1
	}
	return n.Range
}

// levels is Input in the network's own order and grey levels of 0..255.
func (n Network) levels(channels int) (mean, std []float64) { return n.Input(channels, 255, n.BGR) }
