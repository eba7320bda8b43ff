// Package augment turns cached uint8 images into the float views that a network sees: random crop, flip and
// affine map for training, the centre crop for evaluation, and the normalisation that a backbone expects.
package augment

import (
	"math"

	"udml-gpu/kernels/rng"
)

// Ranges says how far a random view may be from the image. The zero value changes nothing: the centre crop.
type Ranges struct {
	Flip             float64 // probability of a mirror image, left to right
	Rotate           float64 // degrees: uniform in [-Rotate, Rotate)
	ScaleLo, ScaleHi float64 // size of the object: uniform in [ScaleLo, ScaleHi); both 0 mean 1
	Shift            float64 // pixels: uniform in [-Shift, Shift), each axis on its own
	Crop             bool    // crop position uniform over all whole pixels, instead of the centre
	Shows            int     // side of the crop in pixels of the image, scaled to the view; 0: the view's own
	AreaLo, AreaHi   float64 // share of the image that a crop of any size shows, in the place of Crop (areaBox); both 0: none

	JitterShare      float64 // probability of other colours, drawn as Jitter says
	Jitter           Jitter
	Grey             float64 // probability of a grey view
	Blur             float64 // probability of a blurred view, with an Effect.Sigma uniform in [SigmaLo, SigmaHi)
	SigmaLo, SigmaHi float64 // up to MostSigma
	Erase            float64 // probability that a box of the view takes its mean colour
	EraseLo, EraseHi float64 // share of the view that the box covers (eraseBox)
}

// Matrix draws the affine map of one view: output pixel (x, y) shows the source at
//
//	(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]),
//
// where whole numbers are centres of pixels. The map turns, scales and mirrors about the centre of the crop of
// outSize x outSize, or Shows x Shows, in a source of inH x inW, so ranges that allow no change give whole-pixel offsets exactly.
// A given key always draws the same map: flip, rotation, scale and x shift are words 0 to 3 of element 0, y shift
// and crop position words 0 to 2 of element 1, and each try for a crop of an area the element after those before.
func (r Ranges) Matrix(k rng.Key, inH, inW, outSize int) [6]float64 {
	w, v := k.At(0), k.At(1)
	mirror := 1.0
	if happens(w[0], r.Flip) {
		mirror = -1
	}
	sin, cos := math.Sincos(rng.Between(w[1], -r.Rotate, r.Rotate) * math.Pi / 180)
	grow := 1 / r.scale(w[2])
	centre, f := float64(outSize-1)/2, r.frame(k, v, inH, inW, outSize)
	cx := f.cx + rng.Between(w[3], -r.Shift, r.Shift)
	cy := f.cy + rng.Between(v[0], -r.Shift, r.Shift)
	a, b := mirror*cos*grow*f.sx, -sin*grow*f.sx
	c, d := mirror*sin*grow*f.sy, cos*grow*f.sy
	return [6]float64{a, b, cx - (a*centre + b*centre), c, d, cy - (c*centre + d*centre)}
}

func (r Ranges) scale(w uint32) float64 {
	if r.ScaleLo == 0 && r.ScaleHi == 0 {
		return 1
	}
	return rng.Between(w, r.ScaleLo, r.ScaleHi)
}

// corner is the first row or column of the crop, of margin+1 possible ones.
func (r Ranges) corner(w uint32, margin int) int {
	if r.Crop && margin > 0 {
		return rng.Below(w, margin+1)
	}
	return CentreCorner(margin)
}

// CentreCorner is the first row or column of the crop in the middle, in an image that is larger than it by margin: half the
// margin, and of an odd one the even neighbour (0 of 1, 2 of 3, 2 of 5), as torchvision's CenterCrop rounds. A negative
// margin, of an image smaller than the crop, is halved towards 0.
func CentreCorner(margin int) int {
	corner := margin / 2
	if margin > 0 && margin%2 == 1 {
		corner += corner % 2
	}
	return corner
}
