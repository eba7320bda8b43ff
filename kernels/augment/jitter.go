package augment

import (
	"fmt"

	"udml-gpu/kernels/rng"
)

// ColourChange is one operation of a colour jitter.
type ColourChange uint8

// The operations. In each, values below 0 become 0, and those above 1 become 1.
const (
	NoChange   ColourChange = iota
	Brightness              // x By
	Contrast                // mean + (x - mean) By, with the mean luma of the whole view, or the mean of a single channel
	Saturation              // luma + (x - luma) By, with the luma of the pixel
	Hue                     // in the colour circle of HSV, the pixel turned by By, of which 1 is the whole circle
)

// Colour is a ColourChange by a factor, or an angle of the hue. The zero value changes nothing.
type Colour struct {
	Change ColourChange
	By     float64
}

// Jitter says how far the colours of a view may be from the image's: Brightness, Contrast and Saturation have factors that are uniform
// between 1 less and 1 more of their value, the hue an angle that is uniform between minus and plus its value. 0: that change is left out.
// Up to 1 are allowed, of the hue up to 0.5.
type Jitter struct{ Brightness, Contrast, Saturation, Hue float64 }

// Changes says whether j changes views of so many channels: of a single one brightness and contrast alone do, and of other numbers than
// 1 and 3 nothing does.
func (j Jitter) Changes(channels int) bool {
	return j.Brightness > 0 || j.Contrast > 0 || channels == 3 && (j.Saturation > 0 || j.Hue > 0)
}

// draw is what words say: order the order of the four changes, and each word of by how far one goes.
//
// It is torchvision.transforms.ColorJitter (Howard, "Some Improvements on Deep Convolutional Neural Network Based Image Classification",
// 2013; with the hue: Szegedy et al., "Going Deeper with Convolutions", CVPR 2015), whose get_params draws the same from a stream.
func (j Jitter) draw(order uint32, by [4]uint32) (colours [4]Colour) {
	changes := []Colour{
		{Brightness, rng.Between(by[0], 1-j.Brightness, 1+j.Brightness)},
		{Contrast, rng.Between(by[1], 1-j.Contrast, 1+j.Contrast)},
		{Saturation, rng.Between(by[2], 1-j.Saturation, 1+j.Saturation)},
		{Hue, rng.Between(by[3], -j.Hue, j.Hue)},
	}
	for i, strength := range []float64{j.Brightness, j.Contrast, j.Saturation, j.Hue} {
		if strength == 0 {
			changes[i] = Colour{}
		}
	}
	place := rng.Below(order, 24) // of the 4! orders: each step takes a digit, of base 4, 3, 2 and 1
	for i := range colours {
		left := len(changes)
		at := place % left
		place /= left
		colours[i] = changes[at]
		changes = append(changes[:at], changes[at+1:]...)
	}
	return colours
}

// putColours writes what Effect.Colours says: of each change its number and its By, of the hue in sixths of the circle, from 0 to 6.
func putColours(row *[EffectFloats]float32, colours [4]Colour) {
	for i, c := range colours {
		by := float32(c.By)
		if c.Change == Hue {
			if by = float32(6 * c.By); by < 0 {
				by += 6
			}
		}
		if !(by >= 0 && by <= 6) {
			panic(fmt.Sprintf("augment.Effect: change %d of the colours is by %g", c.Change, c.By))
		}
		row[effectColours+2*i], row[effectColours+2*i+1] = float32(c.Change), by
	}
}
