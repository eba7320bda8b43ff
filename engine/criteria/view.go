package criteria

import (
	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// turn is how far a view may be rotated, in degrees.
const turn = 20

// View writes view number view of image i to dst [1,S,S,C] float32 in [0,1]: the centre crop, turned by up to 20 degrees, blurred, and with
// a square of about a third of its side covered by the image's mean colour. Training has none of the last two, so that a network is not
// trained to give such views the same embedding. seed, i and view decide it.
func View(dst *kernels.Array, c *cache.Cache, i int, view uint16, seed uint64, invert bool) {
	key := rng.Key{Seed: seed, Sample: uint32(i), Op: rng.OpUnseen, View: view}
	size, channels := dst.Dim(1), dst.Dim(3)
	pixels := make([]float32, size*size*channels)
	c.ViewTo(pixels, i, size, augment.Ranges{Rotate: turn}, key, invert)
	blur(pixels, size, channels)
	cover(pixels, size, channels, key.At(2))
	kernels.Write(dst, pixels)
}

// blur smooths x [size,size,channels] by [1 2 1]/4 along both axes, once for each 32 pixels of its side and at least once: a standard
// deviation of 0.7 pixels at 32 and of 1.9 at 224. The edge is continued.
func blur(x []float32, size, channels int) {
	for range max(1, size/32) {
		for i := range size {
			smooth(x[i*size*channels:], size, channels, channels) // a row
		}
		for i := range size {
			smooth(x[i*channels:], size, size*channels, channels) // a column
		}
	}
}

// smooth is blur, once, of n pixels that begin stride numbers apart.
func smooth(x []float32, n, stride, channels int) {
	for c := range channels {
		before := x[c]
		for i := range n {
			here := x[i*stride+c]
			after := here
			if i+1 < n {
				after = x[(i+1)*stride+c]
			}
			x[i*stride+c] = (before + 2*here + after) / 4
			before = here
		}
	}
}

// cover sets a square of x [size,size,channels], wholly within it, to the mean of x; w decides where it is.
func cover(x []float32, size, channels int, w [4]uint32) {
	side := max(1, size/3)
	top, left := rng.Below(w[0], size-side+1), rng.Below(w[1], size-side+1)
	for c := range channels {
		mean := 0.0
		for i := c; i < len(x); i += channels {
			mean += float64(x[i])
		}
		mean /= float64(size * size)
		for i := range side {
			for j := range side {
				x[((top+i)*size+left+j)*channels+c] = float32(mean)
			}
		}
	}
}
