package data

import (
	"context"
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
			{}: {5, 4, 0, 19}, {1, 1, 2, 2}: {2, 2, 6, 12}, {0.5, 0.5, 1, 1}: {2, 2, 0, 6}, {-3, 2, 4, 99}: {1, 2, 10, 15}, {4, 3, 1, 1}: {1, 1, 19, 19},
		} {
			got, err := box.crop(im)
			if err != nil {
				t.Fatal(err)
			}
			r := got.Bounds()
			first, _, _, _ := got.At(0, 0).RGBA()
			last, _, _, _ := got.At(r.Dx()-1, r.Dy()-1).RGBA()
			if r.Min != (image.Point{}) || uint32(r.Dx()) != want[0] || uint32(r.Dy()) != want[1] || first>>8 != want[2] || last>>8 != want[3] {
				t.Errorf("%T, %v: %v, pixels %d and %d, want %v", im, box, r, first>>8, last>>8, want)
			}
			newResizer(CacheOptions{Size: 3, Channels: 3}).to(make([]uint8, 27), got)
			newResizer(CacheOptions{Size: 3, Channels: 1}).to(make([]uint8, 9), got)
		}
		if _, err := (Box{5, 0, 1, 1}).crop(im); err == nil {
			t.Errorf("%T: a box beside the image is taken", im)
		}
	}
	for _, box := range []Box{{math.NaN(), 0, 1, 1}, {0, 0, math.Inf(1), 1}, {0, 0, 1, 0}, {-1e9, 0, 1, 1}, {0, 0, math.NaN(), 1}} {
		if box.check() == nil {
			t.Errorf("%v is taken for a box", box)
		}
	}
}

func TestScan(t *testing.T) {
	same := pngBytes(4, 3, 9)
	dir := tree(t, map[string][]byte{"a.png": same, "b/c.png": same, "d.png": nil, "e.png": []byte("no image"), "f.png": []byte("no image"), "g.png": {}})
	set := openAs(t, dir, Options{}).Split("all")
	for _, workers := range []int{0, 1, 7} {
		calls := 0
		f, err := set.Scan(context.Background(), workers, 0, func(done, total int) {
			if calls++; done != calls || total != 6 {
				t.Errorf("call %d: %d of %d", calls, done, total)
			}
		})
		if err != nil || calls != 6 {
			t.Fatalf("%d calls, %v", calls, err)
		}
		if len(f.Damaged) != 3 || f.Damaged[0].Name != "e.png" || f.Damaged[2].Name != "g.png" {
			t.Errorf("damaged: %v", f.Damaged)
		}
		if len(f.Duplicates) != 2 || f.Duplicates[0][0] != "a.png" || f.Duplicates[0][1] != "b/c.png" || f.Duplicates[1][1] != "f.png" {
			t.Errorf("duplicates: %v", f.Duplicates)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := set.Scan(ctx, 2, 0, nil); err != context.Canceled {
		t.Fatalf("a scan that was stopped ends with %v", err)
	}
}
