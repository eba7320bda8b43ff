package augment

import (
	"cmp"
	"math"

	"udml-gpu/kernels/rng"
)

// areaTries is how often a box is drawn before the middle is taken, and logAspect the logarithms of the ratios of its sides.
const areaTries = 10

var logAspect = [2]float64{-math.Log(4.0 / 3), math.Log(4.0 / 3)}

// areaBox is the part of an image of w x h pixels that a view shows whole: of a share of its area that is uniform in [lo,hi], with a ratio
// of width to height whose logarithm is uniform between those of 3/4 and 4/3, at a place that is uniform over all whole pixels. A box that
// does not fit is drawn again; after ten the largest one in the middle is taken whose ratio is allowed. draw gives the words of each try:
// area, ratio, row and column.
//
// It is torchvision.transforms.RandomResizedCrop.get_params with its usual ratio (Szegedy et al., "Going Deeper with Convolutions", CVPR
// 2015).
func areaBox(w, h int, lo, hi float64, draw func(try int) [4]uint32) (x, y, width, height int) {
	for try := range areaTries {
		words := draw(try)
		width, height = sides(words, w*h, lo, hi, logAspect)
		if width > 0 && width <= w && height > 0 && height <= h {
			return rng.Below(words[3], w-width+1), rng.Below(words[2], h-height+1), width, height
		}
	}
	width, height = w, h
	switch ratio := float64(w) / float64(h); {
	case ratio < 3.0/4:
		height = int(math.RoundToEven(float64(w) / (3.0 / 4)))
	case ratio > 4.0/3:
		width = int(math.RoundToEven(float64(h) * (4.0 / 3)))
	}
	return (w - width) / 2, (h - height) / 2, width, height
}

// frame is what a view of outSize x outSize shows before it is turned, scaled and mirrored about (cx, cy): sx by sy source pixels for each
// of its own.
type frame struct{ cx, cy, sx, sy float64 }

// frame draws the crop of a view: of whole pixels, scaled to the view where Shows says so, or with AreaLo and AreaHi a box of the image
// scaled to the view.
func (r Ranges) frame(k rng.Key, words [4]uint32, inH, inW, outSize int) frame {
	size := float64(max(1, outSize))
	if r.AreaHi == 0 {
		side := cmp.Or(r.Shows, outSize)
		centre, scale := float64(side-1)/2, float64(side)/size
		return frame{
			centre + float64(r.corner(words[1], inW-side)), centre + float64(r.corner(words[2], inH-side)), scale, scale,
		}
	}
	x, y, w, h := areaBox(inW, inH, r.AreaLo, r.AreaHi, func(try int) [4]uint32 { return k.At(uint32(2 + try)) })
	return frame{float64(x) + float64(w-1)/2, float64(y) + float64(h-1)/2, float64(w) / size, float64(h) / size}
}
