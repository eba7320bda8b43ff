package duplicates

import (
	"cmp"
	"math"
	"slices"
)

// A watermark can outweigh a faint picture. It lies in one place, while strangers differ in many: pictures also match where they agree
// better than pictures need as a whole once the few blocks that differ most are left out.

// blocks is the number of blocks along a side; patchBlocks of them are left out, a sixteenth of the picture.
const blocks, patchBlocks = 8, 4

// patchStrictness is how many times closer to 1 a correlation without a patch must be. The least correlation of pictures as a whole, 0.95,
// is thus 0.98 without a patch.
const patchStrictness = 2.5

// patchKeeps is the part of the variance that must be left of either picture: else it was the pictures themselves that were left out.
const patchKeeps = 0.7

// moments are sums over points of two pictures.
type moments struct{ n, a, b, aa, bb, ab float64 }

func (m *moments) add(o moments) {
	m.n += o.n
	m.a += o.a
	m.b += o.b
	m.aa += o.aa
	m.bb += o.bb
	m.ab += o.ab
}

// central are n times the variances and the covariance; zero of no points.
func (m *moments) central() (a, b, ab float64) {
	if m.n == 0 {
		return 0, 0, 0
	}
	return m.aa - m.a*m.a/m.n, m.bb - m.b*m.b/m.n, m.ab - m.a*m.b/m.n
}

// residual is the sum of the squared differences of b from slope * a + at.
func (m *moments) residual(slope, at float64) float64 {
	return m.bb + slope*slope*m.aa + at*at*m.n - 2*slope*m.ab - 2*at*m.b + 2*slope*at*m.a
}

// withoutPatch is the correlation of the shared points but for the blocks that differ most, made as low as patchStrictness asks; 0 where
// nothing can be said.
func (w *warp) withoutPatch() float64 {
	list := w.blockMoments()
	var whole moments
	for _, m := range list {
		whole.add(m)
	}
	rest := whole
	for range 3 { // what is left out changes how brightness and contrast fit, and this what differs most
		va, _, cov := rest.central()
		if !(va > 0) {
			return 0
		}
		slope := cov / va
		at := (rest.b - slope*rest.a) / rest.n
		slices.SortStableFunc(list, func(p, q moments) int { return cmp.Compare(q.residual(slope, at), p.residual(slope, at)) })
		rest = moments{}
		for _, m := range list[patchBlocks:] {
			rest.add(m)
		}
	}
	va, vb, cov := rest.central()
	wholeA, wholeB, _ := whole.central()
	if va < flat*rest.n || vb < flat*rest.n || va < patchKeeps*wholeA && vb < patchKeeps*wholeB {
		return 0
	}
	return max(0, 1-patchStrictness*(1-cov/math.Sqrt(va*vb)))
}

// blockMoments are those of the shared points of each block.
func (w *warp) blockMoments() []moments {
	list, n := make([]moments, blocks*blocks), w.b.n
	for y := w.shared.Min.Y; y < w.shared.Max.Y; y++ {
		for x := w.shared.Min.X; x < w.shared.Max.X; x++ {
			a, b := float64(w.laid[y*n+x]), float64(w.b.pix[y*n+x])
			list[y*blocks/n*blocks+x*blocks/n].add(moments{1, a, b, a * a, b * b, a * b})
		}
	}
	return list
}
