package picture

import (
	"image"
	"math"
	"testing"
)

func TestCrop(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 5, 4))
	colour := image.NewRGBA(grey.Rect)
	for i := range grey.Pix {
		grey.Pix[i], colour.Pix[4*i] = uint8(i), uint8(i)
	}
	for _, im := range []image.Image{grey, colour} {
		for box, want := range map[Box][]uint32{ // width, height, first and last pixel
			{}: {5, 4, 0, 19}, {1, 1, 2, 2}: {2, 2, 6, 12}, {0.5, 0.5, 1, 1}: {2, 2, 0, 6}, {-3, 2, 4, 99}: {1, 2, 10, 15},
			{4, 3, 1, 1}: {1, 1, 19, 19},
		} {
			got, err := box.Crop(im)
			if err != nil {
				t.Fatal(err)
			}
			r := got.Bounds()
			first, _, _, _ := got.At(0, 0).RGBA()
			last, _, _, _ := got.At(r.Dx()-1, r.Dy()-1).RGBA()
			if r.Min != (image.Point{}) || uint32(r.Dx()) != want[0] || uint32(r.Dy()) != want[1] || first>>8 != want[2] ||
				last>>8 != want[3] {
				t.Errorf("%T, %v: %v, pixels %d and %d, want %v", im, box, r, first>>8, last>>8, want)
			}
			NewResizer(Target{Size: 3, Channels: 3}).To(make([]uint8, 27), got)
			NewResizer(Target{Size: 3, Channels: 1}).To(make([]uint8, 9), got)
		}
		if _, err := (Box{5, 0, 1, 1}).Crop(im); err == nil {
			t.Errorf("%T: a box outside the image is accepted", im)
		}
	}
	for _, box := range []Box{{math.NaN(), 0, 1, 1}, {0, 0, math.Inf(1), 1}, {0, 0, 1, 0}, {-1e9, 0, 1, 1}, {0, 0, math.NaN(), 1}} {
		if box.Check() == nil {
			t.Errorf("%v is taken for a box", box)
		}
	}
}
