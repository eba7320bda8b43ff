package picture

import (
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"testing"

	"udml-gpu/cgo/vector"
)

func TestResizeEqualsPillow(t *testing.T) {
	b, err := os.ReadFile(imageDir + "/rgb.png")
	if err != nil {
		t.Fatal(err)
	}
	im, err := Decode(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 8, 17, 40} {
		for channels, name := range map[int]string{1: "grey%d.pgm", 3: "rgb%d.ppm"} {
			_, _, want := readPPM(t, imageDir+"/resized/"+fmt.Sprintf(name, size))
			got := make([]uint8, size*size*channels)
			NewResizer(Target{Size: size, Channels: channels}).To(got, im)
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
	r := NewResizer(Target{Size: 5, Channels: 3})
	for _, size := range []image.Point{{1, 1}, {5, 5}, {1, 900}, {640, 3}, {5, 4}} {
		im := image.NewGray(image.Rectangle{Max: size})
		for i := range im.Pix {
			im.Pix[i] = 137
		}
		dst := make([]uint8, 75)
		r.To(dst, im)
		for i, v := range dst {
			if v != 137 {
				t.Fatalf("%v: element %d is %d", size, i, v)
			}
		}
	}
	for i := range 40 { // more sizes than the number of kept filter tables
		r.To(make([]uint8, 75), image.NewGray(image.Rect(0, 0, 6+i, 3)))
	}
}

// TestResizeInCEqualsGo: the same bytes, for images of many shapes, whole and cropped, with all values of a byte; with the
// negative weights of some kernels, sums leave that range.
func TestResizeInCEqualsGo(t *testing.T) {
	if !vector.Available() {
		t.Skip("built without cgo")
	}
	for _, from := range []image.Point{{1, 1}, {2, 300}, {300, 2}, {23, 17}, {500, 375}, {64, 64}} {
		for _, size := range []int{1, 7, 64, 91} {
			for _, kind := range interpolations {
				o := Target{Size: size, Channels: 3, Interpolation: kind.name}
				wantSameInC(t, o, 4, from)
				wantSameInC(t, o, 1, from)
				o.Channels = 1
				wantSameInC(t, o, 1, from)
			}
		}
	}
}

// wantSameInC resizes a random image whose pixels are step bytes apart in both ways.
func wantSameInC(t *testing.T, o Target, step int, from image.Point) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	stride := step*from.X + 5*step
	pix := make([]uint8, (from.Y-1)*stride+step*from.X) // the last row of a crop ends at the end of the image
	for i := range pix {
		pix[i] = uint8(random.Uint32())
		if random.Uint32()%5 < 2 {
			pix[i] = uint8(255 * (i % 2))
		}
	}
	r := NewResizer(o)
	across, down := r.filter(from.X, o.Size), r.filter(from.Y, o.Size)
	r.between = make([]uint8, from.Y*o.Size*o.Channels)
	inC, inGo := make([]uint8, o.Size*o.Size*o.Channels), make([]uint8, o.Size*o.Size*o.Channels)
	r.inC(inC, pix, stride, step, across, down)
	r.inGo(inGo, pix, stride, step, across, down)
	if i := firstDifference(inC, inGo); i >= 0 {
		t.Errorf("%v to %+v, step %d: element %d is %d in C, %d in Go", from, o, step, i, inC[i], inGo[i])
	}
}

// TestShorterFloor: with a margin of 11 pixels beside the square, shorter begins at the even one of 5.5, shorter-floor at 5.
func TestShorterFloor(t *testing.T) {
	b, err := os.ReadFile(imageDir + "/rgb.png") // 23 x 17
	if err != nil {
		t.Fatal(err)
	}
	im, err := Decode(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	const size = 32 // the longer side becomes 43
	even, floor := make([]uint8, size*size*3), make([]uint8, size*size*3)
	NewResizer(Target{Size: size, Channels: 3, ResizeMode: "shorter", Interpolation: "bicubic"}).To(even, im)
	NewResizer(Target{Size: size, Channels: 3, ResizeMode: "shorter-floor", Interpolation: "bicubic"}).To(floor, im)
	for y := range size {
		row := y * size * 3
		if i := firstDifference(floor[row+3:row+size*3], even[row:row+(size-1)*3]); i >= 0 {
			t.Fatalf("row %d: element %d is not that of the pixel to the right", y, i)
		}
	}
	if firstDifference(even, floor) < 0 {
		t.Error("the two are the same")
	}
}
