package export

import (
	"slices"
	"testing"
)

// TestAfter: two linear layers as one are both, one behind the other.
func TestAfter(t *testing.T) {
	first := dense{weight: []float32{1, 2, 3, 4, 5, 6}, bias: []float32{7, 8}, out: 2, in: 3}
	second := dense{weight: []float32{1, -1, 2, 3}, bias: []float32{0.5, -1}, out: 2, in: 2}
	both := second.after(first)
	if both.out != 2 || both.in != 3 || !slices.Equal(both.weight, []float32{-3, -3, -3, 14, 19, 24}) ||
		!slices.Equal(both.bias, []float32{-0.5, 37}) {
		t.Errorf("%+v", both)
	}
}

// TestRatio: timm computes the width of an MLP as int(dim ratio).
func TestRatio(t *testing.T) {
	for _, dim := range []int{1, 16, 48, 192, 384, 768, 1024, 1152, 1280, 1408, 4096} {
		for _, mlp := range []int{1, 64, 1536, 3072, 4096, 4304, 6144, 8191} {
			if got := int(float64(dim) * ratio(mlp, dim)); got != mlp {
				t.Errorf("width %d of dim %d: timm makes %d", mlp, dim, got)
			}
		}
	}
}

// TestCropsAlike compares the corners by Python's rounding, to the even number, for images of every width.
func TestCropsAlike(t *testing.T) {
	corner := func(wide, size int) int { // round((wide - size) / 2) of Python
		half := (wide - size) / 2
		if (wide-size)%2 != 0 && half%2 != 0 {
			half++
		}
		return half
	}
	for differ := range 40 {
		const size = 64
		alike := true
		for wide := size + differ; wide < 300; wide++ {
			alike = alike && corner(wide, size) == corner(wide, size+differ)+differ/2
		}
		if got := cropsAlike("shorter", differ); got && !alike || !got && alike {
			t.Errorf("sizes that differ by %d: %v, want %v", differ, got, alike)
		}
	}
	if !cropsAlike("squash", 3) || cropsAlike("shorter-floor", 0) {
		t.Error("modes")
	}
}

func TestLicenceWord(t *testing.T) {
	for said, want := range map[string]string{
		"DINOv3 License": "dinov3-license", "dinov3-license": "dinov3-license", "Apache-2.0": "apache-2.0", "": "",
	} {
		if got := licenceWord(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
