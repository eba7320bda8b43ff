package loss

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// instanceCase is a batch of unit rows. near > 0 moves a row towards that of another image or view: by how much of its length.
type instanceCase struct {
	name     string
	images   int
	d        int
	t, alpha float64
	near     float64
	of       func(i, images int) int // the row that row i is moved to
	times    int                     // there are so many queries for each key, the first the key itself; 0: one
}

// otherView pulls both views of an image together, nextImage each image to the one after it, oneRow all rows to one.
func otherView(i, images int) int { return i % images }
func nextImage(i, images int) int { return (i + i/images) % images }
func oneRow(int, int) int         { return 0 }

// instanceCases have one image and two, more rows than a tile, widths that no vector unit divides, and similarities of which the other
// view's, another image's or all are ahead, at usual temperatures and at some where exp would overflow.
var instanceCases = []instanceCase{
	{"none", 0, 5, 0.1, 1, 0, nil, 0},
	{"one image", 1, 4, 0.1, 1, 0, nil, 0},
	{"one image, queries", 1, 4, 0.1, 1, 0, nil, 3},
	{"none, queries", 0, 5, 0.1, 1, 0, nil, 3},
	{"queries", 6, 5, 0.1, 1, 1, otherView, 3},
	{"queries, half a tail", 5, 9, 0.2, 0.5, 0.5, otherView, 2},
	{"queries told apart", 5, 8, 0.02, 1, 50, otherView, 4},
	{"more queries than a tile", 9, 3, 0.1, 1, 0.3, nextImage, 5},
	{"two images", 2, 4, 0.1, 1, 0, nil, 0},
	{"three of one feature", 3, 1, 0.5, 1, 0, nil, 0},
	{"usual", 6, 5, 0.1, 1, 1, otherView, 0},
	{"no features", 3, 0, 0.1, 1, 0, nil, 0},
	{"no tail", 3, 5, 0.1, 0, 0, nil, 0},
	{"half a tail", 7, 9, 0.2, 0.5, 0.5, otherView, 0},
	{"told apart", 5, 8, 0.02, 1, 50, otherView, 0},
	{"told apart, cold", 4, 7, 0.001, 1, 50, otherView, 0},
	{"confused", 5, 6, 0.05, 1, 30, nextImage, 0},
	{"confused, cold", 5, 6, 0.001, 1, 30, nextImage, 0},
	{"cold", 4, 5, 0.001, 1, 0, nil, 0},
	{"crowded", 6, 3, 0.1, 1, 1e6, oneRow, 0},
	{"more than a tile", 17, 3, 0.1, 1, 0.3, otherView, 0},
	{"two tiles, less one row", 31, 33, 0.1, 2, 0.3, otherView, 0},
}

// rows is the case's z, a function of the case alone.
func (c instanceCase) rows(dt kernels.DType) *kernels.Array {
	dev, n := kernels.CPU(), 2*c.images
	start := unitRows(dev, 1, n, max(1, c.d))
	z := dev.New(kernels.Float64, n, c.d)
	for i := range n {
		sum := 0.0
		for e := range c.d {
			v := optest.Get(start, i*c.d+e)
			if c.of != nil {
				v += c.near * optest.Get(start, c.of(i, c.images)*c.d+e)
			}
			sum += v * v
			optest.Set(z, i*c.d+e, v)
		}
		for e := range c.d {
			optest.Set(z, i*c.d+e, optest.Get(z, i*c.d+e)/math.Sqrt(sum))
		}
	}
	return optest.As(z, dt)
}

// queries are the queries that go with the keys z: these, and so many times other unit rows, each moved half way to its key.
func (c instanceCase) queries(z *kernels.Array) *kernels.Array {
	dev, n := kernels.CPU(), z.Dim(0)
	x := dev.New(z.DType(), max(1, c.times)*n, z.Dim(1))
	start := unitRows(dev, 2, x.Dim(0), max(1, z.Dim(1)))
	for i := range x.Len() {
		v := optest.Get(z, i%max(1, z.Len()))
		if i >= z.Len() {
			v = (v + optest.Get(start, i)) / 2
		}
		optest.Set(x, i, v)
	}
	return x
}

func (c instanceCase) run(z *kernels.Array, gradient bool) (loss, dx *kernels.Array) {
	x := c.queries(z)
	loss = optest.Poisoned(kernels.CPU(), z.DType(), 1)
	if gradient {
		dx = optest.Poisoned(kernels.CPU(), z.DType(), x.Shape()...)
	}
	Instance(loss, dx, x, z, c.t, c.alpha)
	return loss, dx
}

// loop is the definition: the loss, and its gradient by the queries.
func (c instanceCase) loop(z *kernels.Array) (loss, dx *kernels.Array) {
	x := c.queries(z)
	grad := kernels.CPU().New(kernels.Float64, x.Shape()...)
	queries, keys := kernels.Data[float64](x), kernels.Data[float64](z)
	l := instanceLoop(kernels.Data[float64](grad), queries, keys, x.Dim(0), z.Dim(0), c.d, c.t, c.alpha)
	return kernels.Of(kernels.CPU(), []float64{l}, 1), grad
}

// bounds are those of the contract for the similarities' own error and the rounding of sums, u of the type. No query is longer than the
// longest key, so that the products of keys are the largest; a shorter mean over more queries is left out of dx.
func (c instanceCase) bounds(z *kernels.Array, u float64) (loss, dz float64) {
	n, product, most := float64(z.Dim(0)), 0.0, 0.0
	for i := range z.Dim(0) {
		for j := range z.Dim(0) {
			sum := 0.0
			for e := range c.d {
				sum += math.Abs(optest.Get(z, i*c.d+e) * optest.Get(z, j*c.d+e))
				most = max(most, math.Abs(optest.Get(z, i*c.d+e)))
			}
			product = max(product, sum)
		}
	}
	e := float64(c.d+18) * u * product / c.t
	return 2 * (1 + c.alpha) * e, ((2+6*c.alpha)*e + (2+2*c.alpha)*(n+18)*u) * most / max(1, n*c.t)
}
