package main

import (
	"image"
	"math"

	"github.com/rogpeppe/go-internal/testscript"
)

// makeDrawings DIR COUNT SIZE: writes PNG files of circles of thin black lines on white, each of another middle and distance.
func makeDrawings(ts *testscript.TestScript, _ bool, args []string) { makePictures(ts, args, circles) }

// circles is an image of circles around a middle, and at a distance, of its own.
func circles(i, size int) image.Image {
	im := image.NewGray(image.Rect(0, 0, size, size))
	for at := range im.Pix {
		x, y := float64(at%size-size*(i%7)/7), float64(at/size-size*(i%11)/11)
		if math.Mod(math.Hypot(x, y), float64(12+i%17)) >= 4 {
			im.Pix[at] = 255
		}
	}
	return im
}
