package data

import (
	"fmt"
	"image"
	"os"
	"testing"
)

func TestResizeEqualsPillow(t *testing.T) {
	b, err := os.ReadFile(imageDir + "/rgb.png")
	if err != nil {
		t.Fatal(err)
	}
	im, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 8, 17, 40} {
		for channels, name := range map[int]string{1: "grey%d.pgm", 3: "rgb%d.ppm"} {
			_, _, want := readPPM(t, imageDir+"/resized/"+fmt.Sprintf(name, size))
			got := make([]uint8, size*size*channels)
			newResizer(CacheOptions{Size: size, Channels: channels}).to(got, im)
			if i := firstDifference(got, want); i >= 0 {
				t.Errorf("%d px, %d channels: element %d is %d, Pillow has %d", size, channels, i, got[i], want[i])
			}
		}
	}
}

func firstDifference(got, want []uint8) int {
	for i := range want {
		if got[i] != want[i] {
			return i
		}
	}
	return -1
}

func TestResizeKeepsFlatImagesAndSizes(t *testing.T) {
	r := newResizer(CacheOptions{Size: 5, Channels: 3})
	for _, size := range []image.Point{{1, 1}, {5, 5}, {1, 900}, {640, 3}, {5, 4}} {
		im := image.NewGray(image.Rectangle{Max: size})
		for i := range im.Pix {
			im.Pix[i] = 137
		}
		dst := make([]uint8, 75)
		r.to(dst, im)
		for i, v := range dst {
			if v != 137 {
				t.Fatalf("%v: element %d is %d", size, i, v)
			}
		}
	}
	for i := range 40 { // more sizes than filter tables are kept
		r.to(make([]uint8, 75), image.NewGray(image.Rect(0, 0, 6+i, 3)))
	}
}
