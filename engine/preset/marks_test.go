package preset

import (
	"image"
	"image/color"
	"math"
	"testing"

	"udml-gpu/kernels/rng"
)

// square is a grey image of side pixels, level giving each.
func square(side int, level func(x, y int) uint8) *image.Gray {
	im := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			im.Pix[y*im.Stride+x] = level(x, y)
		}
	}
	return im
}

// tinted is im in colours: red and blue differ by that much.
func tinted(im *image.Gray, by uint8) *image.RGBA {
	out := image.NewRGBA(im.Rect)
	for y := range im.Rect.Dy() {
		for x := range im.Rect.Dx() {
			v := im.Pix[y*im.Stride+x] / 2
			out.SetRGBA(x, y, color.RGBA{R: v + by, G: v, B: v, A: 255})
		}
	}
	return out
}

// noise is a photo of no particular thing: every level from 0 to 255 equally often.
func noise(x, y int) uint8 {
	return uint8(rng.Key{Sample: uint32(y), Op: rng.OpBench}.At(uint32(x))[0])
}

// rings are a drawing: circles of lines of 4 pixels in black on white.
func rings(x, y int) uint8 {
	if r := math.Hypot(float64(x)-52, float64(y)-52); math.Mod(r, 20) >= 16 {
		return 0
	}
	return 255
}

// disc is a silhouette: a filled circle.
func disc(x, y int) uint8 {
	if math.Hypot(float64(x)-52, float64(y)-52) < 30 {
		return 0
	}
	return 255
}

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		name    string
		im      image.Image
		colour  bool
		drawing bool
	}{
		{"grey photo", square(105, noise), false, false},
		{"colour photo", tinted(square(105, noise), 40), true, false},
		{"grey photo as JPEG keeps it in colours", tinted(square(105, noise), 8), false, false},
		{"drawing", square(105, rings), false, true},
		{"white on black", square(105, func(x, y int) uint8 { return 255 - rings(x, y) }), false, true},
		{"drawing in colour", tinted(square(105, rings), 120), true, false},
		{"silhouette", square(105, disc), false, false},
		{"blank", square(105, func(int, int) uint8 { return 255 }), false, false},
		{"one pixel", square(1, noise), false, false},
		{"faint drawing", square(105, func(x, y int) uint8 { return 200 - rings(x, y)/4 }), false, false},
	} {
		m := marksOf(c.im)
		if m.colour != c.colour || m.drawing() != c.drawing {
			t.Errorf("%s: %+v, drawing %v; want colours %v, drawing %v", c.name, m, m.drawing(), c.colour, c.drawing)
		}
	}
}

// TestStroke: the thickness of a bar is its width, whichever way it lies, whichever of the two levels it has.
func TestStroke(t *testing.T) {
	bar := func(x, _ int) uint8 { return 255 * uint8(ones(x >= 40 && x < 47)) }
	for _, im := range []*image.Gray{
		square(100, bar),
		square(100, func(_, y int) uint8 { return 255 * uint8(ones(y < 40 || y >= 47)) }),
	} {
		if m := marksOf(im); !(math.Abs(m.stroke-0.07) < 1e-12) || !(m.extreme == 1) {
			t.Errorf("a bar of 7 of 100 pixels: %+v", m)
		}
	}
	part := square(100, bar).SubImage(image.Rect(20, 0, 100, 100)).(*image.Gray)
	part.Rect = image.Rect(0, 0, 80, 100) // as a crop of package picture is
	if m := marksOf(part); !(math.Abs(m.stroke-7.0/80) < 1e-12) {
		t.Errorf("of a crop of 80 x 100 pixels: %+v", m)
	}
}
