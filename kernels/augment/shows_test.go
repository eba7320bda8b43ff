package augment

import (
	"math"
	"testing"

	"udml-gpu/kernels/rng"
)

// TestShowsIsTheLargerViewScaled: a view that shows 2S x 2S pixels has at (x, y) what a view of 2S has in the middle of the four pixels
// (2x, 2y) to (2x+1, 2y+1), whatever is drawn.
func TestShowsIsTheLargerViewScaled(t *testing.T) {
	const w, h, size = 40, 36, 13
	large := Ranges{Flip: 0.5, Rotate: 20, ScaleLo: 0.8, ScaleHi: 1.2, Shift: 2, Crop: true}
	small := large
	small.Shows = 2 * size
	for i := range uint32(50) {
		k := rng.Key{Seed: 4, Sample: i, Op: rng.OpAugment}
		want, got := large.Matrix(k, h, w, 2*size), small.Matrix(k, h, w, size)
		for _, p := range [][2]float64{{0, 0}, {12, 0}, {3, 9}} {
			x, y := 2*p[0]+0.5, 2*p[1]+0.5
			for row := range 2 {
				a, b := want[3*row:], got[3*row:]
				is, should := b[0]*p[0]+b[1]*p[1]+b[2], a[0]*x+a[1]*y+a[2]
				if !(math.Abs(is-should) <= 1e-12*w) {
					t.Errorf("view %d: %v shows %g of axis %d, want %g", i, p, is, row, should)
				}
			}
		}
	}
}

// TestShowsEqualsMeans: the view of the middle is the means of squares of four pixels, and with Shows of the view's own size nothing
// changes.
func TestShowsEqualsMeans(t *testing.T) {
	const side, size = 12, 4
	src := make([]uint8, side*side)
	for i := range src {
		src[i] = uint8(rng.Key{Seed: 1, Sample: uint32(i)}.At(0)[0])
	}
	dst, same := make([]float32, size*size), make([]float32, size*size)
	Affine(dst, src, side, side, 1, size, Ranges{Shows: 2 * size}.Matrix(rng.Key{}, side, side, size), false)
	for y := range size {
		for x := range size {
			sum := 0
			for _, at := range [4]int{0, 1, side, side + 1} {
				sum += int(src[(2+2*y)*side+2+2*x+at])
			}
			if want := float64(sum) / 4 / 255; !(math.Abs(float64(dst[y*size+x])-want) <= 2e-6) {
				t.Errorf("(%d, %d) is %g, want %g", x, y, dst[y*size+x], want)
			}
		}
	}
	Affine(dst, src, side, side, 1, size, Ranges{}.Matrix(rng.Key{}, side, side, size), false)
	Affine(same, src, side, side, 1, size, Ranges{Shows: size}.Matrix(rng.Key{}, side, side, size), false)
	for i := range dst {
		if !(dst[i] == same[i]) {
			t.Fatalf("pixel %d is %g, and %g with Shows", i, dst[i], same[i])
		}
	}
}
