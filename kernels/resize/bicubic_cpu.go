package resize

import (
	"math"

	"udml-gpu/kernels"
)

// cubic is one axis of a bicubic resizing: out places of in places, which lie scale apart.
type cubic struct {
	out, in   int
	scale     float64
	antialias bool
}

func cubicOf(out, in int, kind BicubicKind) cubic {
	c := cubic{out: out, in: in, scale: float64(in) / float64(out), antialias: kind == BicubicTIMM}
	if kind == BicubicHub {
		c.scale = float64(in) / (float64(out) + 0.1)
	}
	return c
}

// keys is the kernel of Keys, "Cubic convolution interpolation for digital image processing" (1981), eq. 4 with any a.
func keys(x, a float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return ((a*x-5*a)*x+8*a)*x - 4*a
	}
	return 0
}

// weight is that of input p for output i.
func (c cubic) weight(i, p int) float64 {
	center := c.scale * (float64(i) + 0.5)
	if c.antialias {
		wide := max(c.scale, 1)
		first, end := max(int(center-2*wide+0.5), 0), min(int(center+2*wide+0.5), c.in)
		if p < first || p >= end {
			return 0
		}
		sum := 0.0
		for q := first; q < end; q++ {
			sum += keys((float64(q)-center+0.5)/wide, -0.5)
		}
		return keys((float64(p)-center+0.5)/wide, -0.5) / sum
	}
	sum, at := 0.0, center-0.5
	left := int(math.Floor(at))
	for q := left - 1; q <= left+2; q++ { // those outside fall on the border
		if min(max(q, 0), c.in-1) == p {
			sum += keys(at-float64(q), -0.75)
		}
	}
	return sum
}

// table is all weights, [out,in], borrowed.
func table[T kernels.Float](c cubic) []T {
	t := kernels.BorrowHost[T](c.out * c.in)
	for k := range t {
		t[k] = T(c.weight(k/c.in, k%c.in))
	}
	return t
}

// bicubic is y = A x B^T, or with the tables of the other direction y = A^T x B: backward.
func bicubic[T kernels.Float](y, x *kernels.Array, kind BicubicKind, backward bool) {
	oh, ow, h, w, d := y.Dim(0), y.Dim(1), x.Dim(0), x.Dim(1), x.Dim(2)
	if y.Len() == 0 {
		return
	}
	out, in := kernels.Data[T](y), kernels.Data[T](x)
	rows, cols := cubicOf(oh, h, kind), cubicOf(ow, w, kind)
	if backward {
		rows, cols = cubicOf(h, oh, kind), cubicOf(w, ow, kind)
	}
	a, b := table[T](rows), table[T](cols)
	defer kernels.ReturnHost(a)
	defer kernels.ReturnHost(b)
	at := func(t []T, own, other, owns, others int) T { // weight of the other grid's place for one's own
		if backward {
			return t[other*owns+own]
		}
		return t[own*others+other]
	}
	kernels.Tiles(oh, 1, func(i, _ int) {
		line := kernels.BorrowHost[T](w * d) // row i of A x
		clear(line)
		for p := range h {
			addWeighted(line, in[p*w*d:(p+1)*w*d], at(a, i, p, oh, h))
		}
		row := out[i*ow*d : (i+1)*ow*d]
		clear(row)
		for j := range ow {
			for q := range w {
				addWeighted(row[j*d:(j+1)*d], line[q*d:(q+1)*d], at(b, j, q, ow, w))
			}
		}
		kernels.ReturnHost(line)
	})
}

// addWeighted is y += weight x.
func addWeighted[T kernels.Float](y, x []T, weight T) {
	if weight == 0 {
		return
	}
	x = x[:len(y)]
	for j, v := range x {
		y[j] += weight * v
	}
}
