package duplicates

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"

	"udml-gpu/engine/data/picture"
	"udml-gpu/kernels/rng"
)

// drawn is an image of soft discs, another for each sample.
func drawn(sample, w, h int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	key := rng.Key{Sample: uint32(sample), Op: rng.OpBench}
	for y := range h {
		for x := range w {
			v := 90.0
			for d := range uint32(8) {
				p := key.At(d)
				dx, dy := float64(x)/float64(w)-float64(rng.Uniform(p[0])), float64(y)/float64(h)-float64(rng.Uniform(p[1]))
				r := 0.08 + 0.12*float64(rng.Uniform(p[2]))
				v += rng.Between(p[3], -90, 110) / (1 + math.Exp(80*(math.Hypot(dx, dy)-r)))
			}
			g := uint8(max(0, min(255, v)))
			im.SetRGBA(x, y, color.RGBA{g, 255 - g, g / 2, 255})
		}
	}
	return im
}

// cropped is im without parts of its sides.
func cropped(im image.Image, left, top, right, bottom float64) image.Image {
	at := im.Bounds().Size()
	w, h := float64(at.X), float64(at.Y)
	part := image.Rect(int(left*w), int(top*h), int(w-right*w), int(h-bottom*h))
	return scaled(im, part, part.Dx(), part.Dy())
}

// TestMatchFindsCrops: a crop, in either direction, a smaller and a brighter copy match; without laying them over each other crops do not.
func TestMatchFindsCrops(t *testing.T) {
	for sample := range 4 {
		im := drawn(sample, 160, 120)
		own := greyPicture(im)
		for name, other := range map[string]image.Image{
			"same":         im,
			"smaller":      scaled(im, im.Bounds(), 50, 40),
			"8 % all":      cropped(im, 0.08, 0.08, 0.08, 0.08),
			"8 % one side": cropped(im, 0.08, 0, 0, 0.08),
			"two sides":    cropped(im, 0, 0.07, 0.08, 0),
		} {
			theirs := greyPicture(other)
			a, b := matchOf(own, theirs, DefaultMatch), matchOf(theirs, own, DefaultMatch)
			if !(a >= 0.97 && b >= 0.97) {
				t.Errorf("image %d, %s: match %.3f and %.3f", sample, name, a, b)
			}
		}
		bright := bytes.Clone(own)
		for i := range bright {
			bright[i] = 40 + bright[i]/2
		}
		if m := matchOf(own, bright, DefaultMatch); !(m >= 0.99) {
			t.Errorf("image %d, brighter: match %.3f", sample, m)
		}
		for other := range 4 {
			if m := matchOf(own, greyPicture(drawn(other+100, 160, 120)), DefaultMatch); !(m < 0.8) {
				t.Errorf("images %d and %d: match %.3f", sample, other+100, m)
			}
		}
	}
}

// TestImproveFindsThePosition: the shift and the stretch that a picture was laid with are found.
func TestImproveFindsThePosition(t *testing.T) {
	a := levels(greyPicture(drawn(3, 160, 120)))[2]
	want := position{0.05, -0.03, -0.04, 0.02}
	w := newWarp(a, a)
	w.lay(want)
	b := level{n: a.n, pix: append([]float32(nil), w.laid...)}
	w = newWarp(a, b)
	var p position
	for range 20 {
		w.improve(&p)
	}
	for _, d := range []float64{
		p.stretchX - want.stretchX, p.shiftX - want.shiftX, p.stretchY - want.stretchY, p.shiftY - want.shiftY,
	} {
		if !(math.Abs(d) < 0.1/side) { // a tenth of a point
			t.Errorf("found %+v, want %+v", p, want)
		}
	}
}

// TestMatchTakesTheBetterDirection: a pair passes where either picture laid over the other does.
func TestMatchTakesTheBetterDirection(t *testing.T) {
	tried := 0
	for sample := range 8 {
		a, b := greyPicture(drawn(sample, 60, 60)), greyPicture(drawn(sample+50, 60, 60))
		one, other := matching(levels(a), levels(b), -1), matching(levels(b), levels(a), -1)
		if one > other {
			a, b, one, other = b, a, other, one
		}
		limit := (one + other) / 2
		if !(other-one > 0.02) {
			continue
		}
		tried++
		if m := matchOf(a, b, limit); !(m >= limit) {
			t.Errorf("image %d: %.3f, one way %.3f, the other %.3f", sample, m, one, other)
		}
	}
	if tried == 0 {
		t.Error("no two directions differ")
	}
}

// TestMatchOfFlatPictures: pictures without anything in them match by their brightness.
func TestMatchOfFlatPictures(t *testing.T) {
	flat := func(v byte) []uint8 { return bytes.Repeat([]byte{v}, side*side) }
	for _, c := range []struct {
		a, b []uint8
		want float64
	}{
		{flat(100), flat(101), 1},
		{flat(100), flat(200), 0},
		{flat(100), greyPicture(drawn(1, 60, 60)), 0},
	} {
		if got := matchOf(c.a, c.b, 0.5); got != c.want {
			t.Errorf("match %v, want %v", got, c.want)
		}
	}
}

// TestDigest: pixels decide, not whether they are stored as grey or in colours; size and each channel count.
func TestDigest(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 6, 4))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(7 * i)
	}
	colours := func(change int) image.Image {
		im := image.NewRGBA(grey.Rect)
		for i, v := range grey.Pix {
			copy(im.Pix[4*i:], []uint8{v, v, v, 255})
		}
		if change >= 0 {
			im.Pix[change]++
		}
		return im
	}
	if digestOf(grey) != digestOf(colours(-1)) {
		t.Error("a grey image and the same in colours differ")
	}
	turned := &image.Gray{Pix: grey.Pix, Stride: 4, Rect: image.Rect(0, 0, 4, 6)}
	for name, im := range map[string]image.Image{"red": colours(0), "blue": colours(4*23 + 2), "size": turned} {
		if digestOf(grey) == digestOf(im) {
			t.Errorf("%s is not looked at", name)
		}
	}
}

// TestCopies: the copies are of the promised sizes, the same each time, other for each key, and none has the image's pixels.
func TestCopies(t *testing.T) {
	im := drawn(1, 160, 120)
	first, err := copiesOf(im, rng.Key{Sample: 1})
	if err != nil || len(first) != len(copyKinds) {
		t.Fatalf("%d copies, %v", len(first), err)
	}
	again, _ := copiesOf(im, rng.Key{Sample: 1})
	other, _ := copiesOf(im, rng.Key{Sample: 2})
	digest := func(im image.Image) [32]byte {
		im, err := picture.Of(im, 0)
		if err != nil {
			t.Fatal(err)
		}
		return digestOf(im)
	}
	for k, kind := range copyKinds {
		if digest(first[k]) != digest(again[k]) {
			t.Errorf("%s differs from the same copy", kind)
		}
		if digest(first[k]) == digest(im) || digest(first[k]) == digest(other[k]) {
			t.Errorf("%s is the image, or that of another key", kind)
		}
	}
	if at := first[1].Bounds().Size(); at.X < 80 || at.X > 128 || at.Y < 60 || at.Y > 96 {
		t.Errorf("resized to %v", at)
	}
	if at := first[2].Bounds().Size(); at.X < 160*84/100 || at.X > 160*90/100+1 || at.Y < 120*84/100 || at.Y > 120*90/100+1 {
		t.Errorf("cropped to %v", at)
	}
	if _, err := copiesOf(drawn(1, 1, 1), rng.Key{}); err != nil {
		t.Errorf("an image of one pixel: %v", err)
	}
}
