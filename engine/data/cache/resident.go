package cache

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
	"udml-gpu/kernels/rng"
)

// uploadBytes is how many bytes of pixels are sent to a device at a time.
const uploadBytes = 16 << 20

// Upload copies all images to a GPU if they take at most budget bytes there, and returns whether they are there: views and
// crops are then made from that copy. Evict frees it and must be called before the device is closed.
func (c *Cache) Upload(dev *kernels.Device, budget int64) bool {
	image := c.ImageBytes()
	if !dev.CUDA() || c.Len() == 0 || int64(c.Len())*int64(image) > budget {
		return false
	}
	c.Evict()
	all := dev.Scratch(kernels.Uint8, c.Len(), c.size, c.size, c.channels)
	per := max(1, uploadBytes/image)
	for lo := 0; lo < c.Len(); lo += per {
		hi := min(lo+per, c.Len())
		part := make([]uint8, 0, (hi-lo)*image)
		for i := lo; i < hi; i++ {
			part = append(part, c.Pixels(i)...)
		}
		kernels.Write(all.Rows(lo, hi), part)
	}
	c.resident = all
	return true
}

// ResidentImages are all images [N,h,w,C] uint8 on the device, or nil without Upload.
func (c *Cache) ResidentImages() *kernels.Array { return c.resident }

// Evict frees the copy on the device; without one it does nothing.
func (c *Cache) Evict() {
	if c.resident != nil {
		c.resident.Free()
		c.resident = nil
	}
}

// CentreCrops writes the centre crops of images first, first+1, ... to dst [n,S,S,C] float32 in [0,1], as
// used for evaluation. invert gives 1 minus that.
func (c *Cache) CentreCrops(dst *kernels.Array, first int, invert bool) {
	c.ScaledCrops(dst, first, dst.Dim(1), invert)
}

// ScaledCrops is CentreCrops of shows x shows pixels, scaled to S x S as training views are (augment.Ranges.Shows).
func (c *Cache) ScaledCrops(dst *kernels.Array, first, shows int, invert bool) {
	size := dst.Dim(1)
	kernels.WantShape("data.ScaledCrops", "dst", dst, -1, size, size, c.channels)
	if c.resident != nil && dst.Device() == c.resident.Device() {
		c.residentCrops(dst, first, shows, invert)
		return
	}
	crops(dst, c.size, shows, invert, func(i int) []uint8 { return c.Pixels(first + i) })
}

// CentreCrops writes the centre crops of the images pixels(0), pixels(1), ..., uint8 [from,from,C], to dst [n,S,S,C] float32 in
// [0,1], on any device. pixels is called from several goroutines at once.
func CentreCrops(dst *kernels.Array, from int, invert bool, pixels func(i int) []uint8) {
	crops(dst, from, dst.Dim(1), invert, pixels)
}

func crops(dst *kernels.Array, from, shows int, invert bool, pixels func(i int) []uint8) {
	size, channels := dst.Dim(1), dst.Dim(3)
	m := augment.Ranges{Shows: shows}.Matrix(rng.Key{}, from, from, size)
	onHost(dst, func(pix []float32) {
		row := size * size * channels
		kernels.Tiles(dst.Dim(0), 4, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				if shows == size {
					augment.Centre(pix[i*row:(i+1)*row], pixels(i), from, from, channels, size, invert)
				} else {
					augment.Affine(pix[i*row:(i+1)*row], pixels(i), from, from, channels, size, m, invert)
				}
			}
		})
	})
}

// residentCrops makes the crops on the device, as views of the same map; those by the identity equal centre crops bit for bit.
func (c *Cache) residentCrops(dst *kernels.Array, first, shows int, invert bool) {
	dev, n := dst.Device(), dst.Dim(0)
	m := augment.Ranges{Shows: shows}.Matrix(rng.Key{}, c.size, c.size, dst.Dim(1))
	var maps []float64
	rows := make([]int32, n)
	for i := range rows {
		maps, rows[i] = append(maps, m[:]...), int32(first+i)
	}
	matrix, index := kernels.Of(dev, maps, n, 6), kernels.Of(dev, rows, n)
	augment.Views(dst, c.resident, index, matrix, invert)
	matrix.Free()
	index.Free()
}

// onHost calls f with dst's elements on the host, wherever dst lies, and copies them to dst.
func onHost(dst *kernels.Array, f func(pix []float32)) {
	if !dst.Device().CUDA() {
		f(kernels.Data[float32](dst))
		return
	}
	pix := make([]float32, dst.Len())
	f(pix)
	kernels.Write(dst, pix)
}
