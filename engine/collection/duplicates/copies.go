package duplicates

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"udml-gpu/kernels/rng"
)

// copyKinds are the ways in which copies are made, in the order of copiesOf.
var copyKinds = []string{"recompressed", "resized", "cropped", "watermarked"}

// copiesOf are synthetic copies of im, one of each kind: JPEG of quality 50 to 75; 50 to 80 % of the size; 5 to 8 % cut off each side; a
// pale text on a pale box in a corner, an eighth of the height. The key draws the strengths.
func copiesOf(im image.Image, key rng.Key) ([]image.Image, error) {
	w := key.At(0)
	cut := key.At(1)
	recompressed, err := throughJPEG(im, 50+rng.Below(w[0], 26))
	if err != nil {
		return nil, err
	}
	at, scale := im.Bounds().Size(), rng.Between(w[2], 0.5, 0.8)
	margin := func(word uint32, length int) int { return int(rng.Between(word, 0.05, 0.08) * float64(length)) }
	inner := image.Rect(margin(cut[0], at.X), margin(cut[1], at.Y), at.X-margin(cut[2], at.X), at.Y-margin(cut[3], at.Y))
	return []image.Image{
		recompressed,
		scaled(im, im.Bounds(), max(1, int(scale*float64(at.X))), max(1, int(scale*float64(at.Y)))),
		scaled(im, inner.Add(im.Bounds().Min), inner.Dx(), inner.Dy()),
		watermarked(im, w[1]),
	}, nil
}

func throughJPEG(im image.Image, quality int) (image.Image, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return jpeg.Decode(&b)
}

// scaled is the part of im, at that size.
func scaled(im image.Image, part image.Rectangle, w, h int) image.Image {
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(to, to.Bounds(), im, part, draw.Src, nil)
	return to
}

// watermarked has a text on a box in one of the four corners.
func watermarked(im image.Image, word uint32) image.Image {
	to := scaled(im, im.Bounds(), im.Bounds().Dx(), im.Bounds().Dy()).(*image.RGBA)
	const text = "(c) sample"
	face := basicfont.Face7x13
	label := image.NewRGBA(image.Rect(0, 0, 7*len(text)+6, 17))
	draw.Draw(label, label.Bounds(), image.NewUniform(color.RGBA{0, 0, 0, 48}), image.Point{}, draw.Src)
	d := font.Drawer{Dst: label, Src: image.NewUniform(color.RGBA{160, 160, 160, 160}), Face: face, Dot: fixed.P(3, 13)}
	d.DrawString(text)
	at := to.Bounds().Size()
	h := max(1, at.Y/8)
	w := min(at.X, h*label.Bounds().Dx()/label.Bounds().Dy(), max(1, at.X*2/3))
	place := image.Pt(at.X/20, at.Y/20)
	if word&1 != 0 {
		place.X = max(0, at.X-w-place.X)
	}
	if word&2 != 0 {
		place.Y = max(0, at.Y-h-place.Y)
	}
	draw.BiLinear.Scale(to, image.Rectangle{place, place.Add(image.Pt(w, h))}, label, label.Bounds(), draw.Over, nil)
	return to
}
