package duplicates

import (
	"image"
	"math"
)

// Two pictures are laid over each other and compared: a crop moves and stretches what it shows, by which both embeddings and hashes of
// small pictures change as much as between strangers. The position is found by least squares on the difference of the brightness
// (Lucas and Kanade 1981, "An iterative image registration technique"), from a coarse picture to the finest.

// side is that of the picture that is compared; it is halved twice.
const side = 48

// reach bounds the found position: half the change of scale, and the shift, as parts of the side.
const maxStretch, maxShift = 0.25, 0.12

// rounds is how often the position is improved at each size.
const rounds = 6

// level is a picture in grey, [n,n] row-major.
type level struct {
	n   int
	pix []float32
}

// levels are the picture [side,side] and what halving it gives, the smallest first.
func levels(pix []uint8) [3]level {
	fine := level{n: side, pix: make([]float32, len(pix))}
	for i, v := range pix {
		fine.pix[i] = float32(v)
	}
	middle := halved(fine)
	return [3]level{halved(middle), middle, fine}
}

func halved(l level) level {
	h := level{n: l.n / 2, pix: make([]float32, l.n*l.n/4)}
	for y := range h.n {
		for x := range h.n {
			at := 2*y*l.n + 2*x
			h.pix[y*h.n+x] = (l.pix[at] + l.pix[at+1] + l.pix[at+l.n] + l.pix[at+l.n+1]) / 4
		}
	}
	return h
}

// position is where in picture a the points of b lie: x -> (1+stretchX) x + shiftX with x from -1/2 to 1/2; the same of y.
type position struct{ stretchX, shiftX, stretchY, shiftY float64 }

// matching is the correlation of b with a laid over it, from -1 to 1, or what it is without a patch. The position is not looked for any
// further at a size at which the correlation is below atLeast by more than a coarse picture can tell.
func matching(a, b [3]level, atLeast float64) float64 {
	var p position
	c := 0.0
	for k := range a {
		w := newWarp(a[k], b[k])
		for range rounds {
			if !w.improve(&p) {
				break
			}
		}
		w.lay(p)
		if c = w.correlation(); c >= atLeast {
			continue
		}
		if c < atLeast-coarseDoubt {
			break
		}
		if k == len(a)-1 {
			c = max(c, w.withoutPatch())
		}
	}
	if c < atLeast { // a patch may have misled the position
		w := newWarp(a[len(a)-1], b[len(b)-1])
		w.lay(position{})
		c = max(c, w.withoutPatch())
	}
	return c
}

// coarseDoubt is by how much the correlation may still rise with the size of the picture. Of 500 copies none rose by 0.1.
const coarseDoubt = 0.2

// warp lays picture a over b.
type warp struct {
	a, b   level
	laid   []float32       // a at the position of b's points
	shared image.Rectangle // the points of b that a covers
	at     []float64       // of the points, -1/2 to 1/2
	normal [6][7]float64
}

func newWarp(a, b level) *warp {
	w := &warp{a: a, b: b, laid: make([]float32, len(b.pix)), at: make([]float64, a.n)}
	for i := range w.at {
		w.at[i] = (float64(i)+0.5)/float64(a.n) - 0.5
	}
	return w
}

// lay samples a, bilinear. Points beyond its border have the border's value, and are not shared.
func (w *warp) lay(p position) {
	n := w.a.n
	xs, x0, x1 := w.places(p.stretchX, p.shiftX)
	ys, y0, y1 := w.places(p.stretchY, p.shiftY)
	w.shared = image.Rect(x0, y0, x1, y1)
	for i, y := range ys {
		up, down := w.a.pix[y.low*n:(y.low+1)*n], w.a.pix[(y.low+1)*n:(y.low+2)*n]
		row := w.laid[i*n : (i+1)*n]
		for k, x := range xs {
			u := up[x.low] + x.part*(up[x.low+1]-up[x.low])
			d := down[x.low] + x.part*(down[x.low+1]-down[x.low])
			row[k] = u + y.part*(d-u)
		}
	}
}

// place is between two points of a picture, along one side.
type place struct {
	low  int
	part float32
}

// places are those in a of b's points along one side; points from lo to hi lie within a.
func (w *warp) places(stretch, shift float64) (list []place, lo, hi int) {
	n := w.a.n
	list, lo = make([]place, n), n
	for i, v := range w.at {
		x := ((1+stretch)*v+shift+0.5)*float64(n) - 0.5
		if x >= -0.5 && x <= float64(n)-0.5 {
			lo, hi = min(lo, i), i+1
		}
		x = max(0, min(float64(n-1), x))
		low := min(int(x), n-2)
		list[i] = place{low, float32(x - float64(low))}
	}
	return list, lo, hi
}

// improve moves p by a step of Gauss and Newton: position, contrast and brightness together explain the difference of b and a.
// It tells whether there was a step to make.
func (w *warp) improve(p *position) bool {
	w.lay(*p)
	w.sums()
	step, ok := solve(&w.normal)
	if !ok {
		return false
	}
	before := *p
	p.stretchX = within(p.stretchX+step[0], maxStretch)
	p.shiftX = within(p.shiftX+step[1], maxShift)
	p.stretchY = within(p.stretchY+step[2], maxStretch)
	p.shiftY = within(p.shiftY+step[3], maxShift)
	return math.Abs(p.stretchX-before.stretchX)+math.Abs(p.shiftX-before.shiftX)+
		math.Abs(p.stretchY-before.stretchY)+math.Abs(p.shiftY-before.shiftY) > 1e-4
}

func within(v, limit float64) float64 { return max(-limit, min(limit, v)) }

// sums fills the normal equations.
func (w *warp) sums() {
	n := w.a.n
	w.normal = [6][7]float64{}
	mean := w.mean(w.laid)
	scale := float64(n) / 2
	inner := w.shared.Intersect(image.Rect(1, 1, n-1, n-1))
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			i := y*n + x
			gx := float64(w.laid[i+1]-w.laid[i-1]) * scale
			gy := float64(w.laid[i+n]-w.laid[i-n]) * scale
			v := [7]float64{
				gx * w.at[x], gx, gy * w.at[y], gy, float64(w.laid[i]) - mean, 1, float64(w.b.pix[i]) - float64(w.laid[i]),
			}
			for r := range 6 {
				for c := r; c < 7; c++ {
					w.normal[r][c] += v[r] * v[c]
				}
			}
		}
	}
	for r := range 6 {
		w.normal[r][r] *= 1 + damping // along a straight edge a picture has no position
		for c := range r {
			w.normal[r][c] = w.normal[c][r]
		}
	}
}

// damping shortens steps for which the picture gives no reason.
const damping = 1e-3

// solve is Gauss' elimination of a symmetric positive matrix; false where it is not.
func solve(m *[6][7]float64) (x [6]float64, ok bool) {
	for k := range 6 {
		if !(m[k][k] > 0) {
			return x, false
		}
		for r := k + 1; r < 6; r++ {
			by := m[r][k] / m[k][k]
			for c := k; c < 7; c++ {
				m[r][c] -= by * m[k][c]
			}
		}
	}
	for k := 5; k >= 0; k-- {
		x[k] = m[k][6]
		for c := k + 1; c < 6; c++ {
			x[k] -= m[k][c] * x[c]
		}
		x[k] /= m[k][k]
	}
	return x, true
}
