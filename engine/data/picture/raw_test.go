package picture

import (
	"image"
	"image/color"
	"testing"

	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

// TestRaw: the pixels are those of the preview, turned once: by the raw file's orientation where it has one, whatever the preview says, or
// else by the preview's.
func TestRaw(t *testing.T) {
	preview := rawtest.JPEG(48, 32) // dark on the left
	cr3 := rawtest.CR3(rawtest.CR3Parts{Full: preview, Preview: rawtest.JPEG(16, 8), Orientation: 6})
	for name, c := range map[string]struct {
		file []byte
		size image.Point
		dark image.Point // a corner
	}{
		"upright":     {rawtest.Nikon("II*\x00", 1, preview), image.Pt(48, 32), image.Pt(0, 0)},
		"turned":      {rawtest.Nikon("II*\x00", 6, preview), image.Pt(32, 48), image.Pt(31, 0)},
		"both say so": {rawtest.Nikon("MM\x00*", 8, rawtest.WithOrientation(preview, 8)), image.Pt(32, 48), image.Pt(0, 47)},
		"differ":      {rawtest.Nikon("MM\x00*", 1, rawtest.WithOrientation(preview, 6)), image.Pt(48, 32), image.Pt(0, 0)},
		"the preview": {rawtest.Fuji(rawtest.WithOrientation(preview, 3)), image.Pt(48, 32), image.Pt(47, 0)},
		"CR3":         {cr3, image.Pt(32, 48), image.Pt(31, 0)},
		"none":        {rawtest.Fuji(preview), image.Pt(48, 32), image.Pt(0, 0)},
	} {
		im, err := Decode(c.file, 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if Kind(c.file) != "RAW" || im.Bounds().Size() != c.size {
			t.Errorf("%s: %s of %v, want %v", name, Kind(c.file), im.Bounds().Size(), c.size)
			continue
		}
		opposite := c.size.Sub(image.Pt(1, 1)).Sub(c.dark)
		if greyAt(im, c.dark) > 40 || greyAt(im, opposite) < 215 {
			t.Errorf("%s: %d at %v, %d at %v", name, greyAt(im, c.dark), c.dark, greyAt(im, opposite), opposite)
		}
	}
}

func greyAt(im image.Image, at image.Point) uint8 {
	return color.GrayModel.Convert(im.At(at.X, at.Y)).(color.Gray).Y
}

// TestRawWithoutPreview: the kind is named, and the limit on pixels is that of the preview.
func TestRawWithoutPreview(t *testing.T) {
	for want, b := range map[string][]byte{
		"camera raw without a JPEG preview inside is not read":                rawtest.Nikon("II*\x00", 1, rawtest.Lossless(400, 300)),
		"the image has 48x32 pixels, the limit is 1000 in all (--max-pixels)": rawtest.Nikon("II*\x00", 1, rawtest.JPEG(48, 32)),
	} {
		if _, err := Decode(b, 1000); errorText(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestRawNames: files are taken for raw files by their names; those of Canon's oldest cameras are not read.
func TestRawNames(t *testing.T) {
	for name, want := range map[string]bool{
		"a/B.NEF": true, "a.cr2": true, "a.dng": true, "a.CR3": true, "a.crw": false, "a.raw": false, "a.tif": false,
	} {
		if got := IsRawName(name); got != want || got && !IsName(name) {
			t.Errorf("%s: %v", name, got)
		}
		if !IsPictureName(name) {
			t.Errorf("%s is no picture", name)
		}
	}
}
