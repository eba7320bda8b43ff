package criteria

import (
	"math"

	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// turn is how far a view may be rotated, in degrees.
const turn = 20

// View writes view number view of image i to dst [1,S,S,C] float32 in [0,1]: the centre crop, turned by up to 20 degrees, blurred, and with
// a square of about a third of its side covered by the image's mean colour. Training has none of the last two unless --blur and --erase ask
// for them, so that a network is not trained to give such views the same embedding. seed, i and view decide it.
func View(dst *kernels.Array, c *cache.Cache, i int, view uint16, seed uint64, invert bool) {
	key := rng.Key{Seed: seed, Sample: uint32(i), Op: rng.OpUnseen, View: view}
	size, channels := dst.Dim(1), dst.Dim(3)
	pixels := make([]float32, size*size*channels)
	c.ViewTo(pixels, i, size, augment.Ranges{Rotate: turn}, key, invert)
	row := effect(size, key.At(2)).Row(size)
	augment.Apply(pixels, size, channels, row[:])
	kernels.Write(dst, pixels)
}

// effect is a blur, of a standard deviation of 0.7 pixels at 32 and of 1.9 at 224, and a square wholly within the view; w decides where.
func effect(size int, w [4]uint32) augment.Effect {
	side := max(1, size/3)
	return augment.Effect{
		Sigma: min(math.Sqrt(0.5*float64(max(1, size/32))), augment.MostSigma),
		Box:   augment.Box{X: rng.Below(w[1], size-side+1), Y: rng.Below(w[0], size-side+1), Width: side, Height: side},
	}
}
