package augment

import (
	"math"

	"udml-gpu/kernels/rng"
)

// logErase are the logarithms of the smallest and the largest ratio of a covered box's height to its width.
var logErase = [2]float64{math.Log(0.3), math.Log(3.3)}

// eraseBox is the part of a view of size x size pixels that is covered: of a share of its area that is uniform in [lo,hi], with a ratio of
// height to width whose logarithm is uniform between those of 0.3 and 3.3, at a place that is uniform over all whole pixels. A box that is
// not lower and narrower than the view is drawn again; after ten nothing is covered. draw gives the words of each try: area, ratio, row and
// column.
//
// It is torchvision.transforms.RandomErasing.get_params with its usual ratio (Zhong et al., "Random Erasing Data Augmentation", AAAI 2020).
func eraseBox(size int, lo, hi float64, draw func(try int) [4]uint32) Box {
	for try := range areaTries {
		words := draw(try)
		height, width := sides(words, size*size, lo, hi, logErase)
		if height < size && width < size {
			return Box{X: rng.Below(words[3], size-width+1), Y: rng.Below(words[2], size-height+1), Width: width, Height: height}
		}
	}
	return Box{}
}

// sides draws the sides of a box: of a share of the area in [lo,hi], and a ratio of the first to the second of a logarithm within logs.
func sides(words [4]uint32, area int, lo, hi float64, logs [2]float64) (first, second int) {
	share := float64(area) * rng.Between(words[0], lo, hi)
	ratio := math.Exp(rng.Between(words[1], logs[0], logs[1]))
	return int(math.RoundToEven(math.Sqrt(share * ratio))), int(math.RoundToEven(math.Sqrt(share / ratio)))
}
