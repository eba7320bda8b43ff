package picture

import (
	"fmt"
	"image"
	"testing"

	"udml-gpu/kernels/golden"
)

// golds are the source images of goldens_images.py, by shape.
var golds = []string{"wide", "high", "strip", "column", "square", "large"}

// TestPipelineGoldens: squashed images equal Pillow's, those by the shorter side torchvision's, with the
// corner rounded down transformers', bit by bit.
func TestPipelineGoldens(t *testing.T) {
	f := golden.Open(t, "images")
	for _, name := range golds {
		im := opaqueImage(f.Bytes(name+"/source"), f.Shape(name+"/source"))
		for _, o := range everyRecipe(1, 8, 17, 31) {
			colours := map[int]string{1: "grey", 3: "rgb"}[o.Channels]
			want := f.Bytes(fmt.Sprintf("%s/%s/%s/%d/%s", name, o.Interpolation, o.ResizeMode, o.Size, colours))
			got := make([]uint8, o.Size*o.Size*o.Channels)
			r := NewResizer(o)
			for range 2 { // with new filter tables, and with kept ones
				r.To(got, im)
				if i := firstDifference(got, want); len(want) != len(got) || i >= 0 {
					t.Errorf("%s, %s: element %d differs (-1: the length)", name, o.Recipe(), i)
				}
			}
		}
	}
}

// everyRecipe is each combination of options for these sizes.
func everyRecipe(sizes ...int) []Target {
	var list []Target
	for _, size := range sizes {
		for _, mode := range ResizeModes() {
			for _, kind := range Interpolations() {
				list = append(
					list,
					Target{Size: size, Channels: 1, ResizeMode: mode, Interpolation: kind},
					Target{Size: size, Channels: 3, ResizeMode: mode, Interpolation: kind},
				)
			}
		}
	}
	return list
}

func opaqueImage(rgb []uint8, shape []int) *image.RGBA {
	im := image.NewRGBA(image.Rect(0, 0, shape[1], shape[0]))
	for i := range shape[0] * shape[1] {
		copy(im.Pix[4*i:], append(rgb[3*i:3*i+3:3*i+3], 255))
	}
	return im
}

// TestExtremeShapes: the longer side may be resized to 134 million pixels, of which only the middle is made.
func TestExtremeShapes(t *testing.T) {
	for _, size := range []image.Point{{1, maxSide}, {maxSide, 1}, {2, maxSide}} {
		im := image.NewGray(image.Rectangle{Max: size})
		for i := range im.Pix {
			im.Pix[i] = 77
		}
		for _, o := range everyRecipe(1, 40) {
			r, dst := NewResizer(o), make([]uint8, o.Size*o.Size*o.Channels)
			r.To(dst, im)
			for i, v := range dst {
				if v != 77 {
					t.Fatalf("%v, %s: element %d is %d", size, o.Recipe(), i, v)
				}
			}
			if reach := 2*3*o.Size + 7; o.ResizeMode != "squash" && cap(r.between) > reach*o.Size*o.Channels {
				t.Errorf("%v, %s: %d bytes of rows for %d of the image", size, o.Recipe(), cap(r.between), len(dst))
			}
		}
	}
}

func TestRecipe(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range everyRecipe(1, 88) {
		seen[o.Recipe()] = true
	}
	if len(seen) != 36 {
		t.Errorf("%d recipes of 36 that differ: %v", len(seen), seen)
	}
	o := Target{Size: 88, Channels: 3}
	named := Target{Size: 88, Channels: 3, ResizeMode: "squash", Interpolation: "bilinear"}
	if o.Recipe() != named.Recipe() {
		t.Errorf("%q is not %q", o.Recipe(), named.Recipe())
	}
}
