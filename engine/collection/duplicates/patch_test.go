package duplicates

import (
	"bytes"
	"math"
	"testing"
)

// faint is a light picture [side,side] with one soft shape, at x and y from 0 to 1, of a contrast of 25 levels.
func faint(x, y, radius float64) []uint8 {
	pix := make([]uint8, side*side)
	for i := range pix {
		dx, dy := float64(i%side)/side-x, float64(i/side)/side-y
		pix[i] = uint8(230 - 25*math.Exp(-(dx*dx+dy*dy)/(radius*radius)))
	}
	return pix
}

// marked has a dark line of height points at the point, as long as two blocks.
func marked(pix []uint8, x, y, height int) []uint8 {
	pix = bytes.Clone(pix)
	for dy := range height {
		for dx := range 2 * side / blocks {
			if dx%3 != 2 {
				pix[(y+dy)*side+x+dx] = 60
			}
		}
	}
	return pix
}

// TestMatchWithoutPatch: a watermark that outweighs a faint picture is left out. Other pictures do not match for that: where they differ in
// more places, or where what is left out is the pictures themselves.
func TestMatchWithoutPatch(t *testing.T) {
	own := faint(0.4, 0.5, 0.25)
	mark := marked(own, 24, 41, 5)
	w := newWarp(levels(own)[2], levels(mark)[2])
	w.lay(position{})
	if c := w.correlation(); !(c < 0.7) {
		t.Errorf("the watermark hardly matters: correlation %.3f", c)
	}
	for _, pair := range [][2][]uint8{{own, mark}, {mark, own}} {
		if m := matchOf(pair[0], pair[1], DefaultMatch); !(m >= 0.99) {
			t.Errorf("watermarked: match %.3f", m)
		}
	}
	for name, other := range map[string][]uint8{
		"another shape":              faint(0.4, 0.5, 0.12),
		"another shape, watermarked": marked(faint(0.6, 0.5, 0.25), 24, 41, 5),
		"two watermarks":             marked(mark, 0, 2, 12),
	} {
		if m := matchOf(own, other, DefaultMatch); !(m < DefaultMatch) {
			t.Errorf("%s: match %.3f", name, m)
		}
	}
	// Two small shapes on the same slight shade: without the blocks of the shapes the shade alone agrees.
	small, elsewhere := faint(0.19, 0.19, 0.05), faint(0.81, 0.81, 0.05)
	for i := range small {
		shade := uint8(i % side / 16)
		small[i] -= shade
		elsewhere[i] -= shade
	}
	w = newWarp(levels(small)[2], levels(elsewhere)[2])
	w.lay(position{})
	if m := matchOf(small, elsewhere, DefaultMatch); !(m < 0.9) || w.withoutPatch() != 0 {
		t.Errorf("two small shapes: match %.3f, without a patch %.3f", m, w.withoutPatch())
	}
}

// TestMoments: what is computed from sums is what the points give.
func TestMoments(t *testing.T) {
	a, b := []float64{1, 4, 2, 8}, []float64{3, 3, 7, 9}
	var m moments
	for k := range a {
		m.add(moments{1, a[k], b[k], a[k] * a[k], b[k] * b[k], a[k] * b[k]})
	}
	residual := 0.0
	for k := range a {
		d := b[k] - 0.5*a[k] - 2
		residual += d * d
	}
	va, vb, cov := m.central()
	for k, d := range []float64{va - 28.75, vb - 27, cov - 18.5, m.residual(0.5, 2) - residual} {
		if !(math.Abs(d) < 1e-9) {
			t.Errorf("sum %d is off by %v", k, d)
		}
	}
}
