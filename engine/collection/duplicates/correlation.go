package duplicates

import "math"

// mean is that of the shared points.
func (w *warp) mean(pix []float32) float64 {
	sum := 0.0
	for y := w.shared.Min.Y; y < w.shared.Max.Y; y++ {
		for _, v := range pix[y*w.a.n+w.shared.Min.X : y*w.a.n+w.shared.Max.X] {
			sum += float64(v)
		}
	}
	return sum / float64(w.shared.Dx()*w.shared.Dy())
}

// flat is the variance below which a picture shows nothing.
const flat = 1e-6

// correlation is that of the shared points. Flat pictures have none: it is 1 for two of about the same brightness, else 0.
func (w *warp) correlation() float64 {
	ma, mb := w.mean(w.laid), w.mean(w.b.pix)
	var aa, bb, ab float64
	for y := w.shared.Min.Y; y < w.shared.Max.Y; y++ {
		for i := y*w.a.n + w.shared.Min.X; i < y*w.a.n+w.shared.Max.X; i++ {
			x, y := float64(w.laid[i])-ma, float64(w.b.pix[i])-mb
			aa += x * x
			bb += y * y
			ab += x * y
		}
	}
	const sameBrightness = 4
	switch n := float64(w.shared.Dx() * w.shared.Dy()); {
	case aa < flat*n && bb < flat*n && math.Abs(ma-mb) < sameBrightness:
		return 1
	case aa < flat*n || bb < flat*n:
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
