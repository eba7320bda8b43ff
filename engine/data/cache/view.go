package cache

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// View writes the random view of image i that key draws from ranges to dst [1,S,S,C] float32 in [0,1].
func (c *Cache) View(dst *kernels.Array, i int, ranges augment.Ranges, key rng.Key, invert bool) {
	size := dst.Dim(1)
	kernels.WantShape("data.View", "dst", dst, 1, size, size, c.channels)
	onHost(dst, func(pix []float32) { c.ViewTo(pix, i, size, ranges, key, invert) })
}

// ViewTo writes the view to dst [S,S,C], S being size, on the host.
func (c *Cache) ViewTo(dst []float32, i, size int, ranges augment.Ranges, key rng.Key, invert bool) {
	m := ranges.Matrix(key, c.size, c.size, size)
	augment.Affine(dst, c.Pixels(i), c.size, c.size, c.channels, size, m, invert)
	if ranges.Changing() {
		row := ranges.Effect(key, size).Row(size)
		augment.Apply(dst, size, c.channels, row[:])
	}
}
