package data

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
)

// courier brings to a GPU what it makes the views of a batch from: the map and the image of each row and, when the images
// do not lie on the device already, their pixels. The host writes pinned memory, which travels while the step before is
// still computed.
type courier struct {
	cache   *Cache
	o       LoaderOptions
	staging *kernels.Staging
	packed  *kernels.Array // on the device: what staging sends
	matrix  *kernels.Array // float64 [2B,6], a part of packed
	index   *kernels.Array // int32 [2B], a part of packed
	pixels  *kernels.Array // uint8 [B,h,w,C], a part of packed; nil when the images lie on the device
	sent    bool
}

// newCourier makes a courier for batches of up to o.Batch images.
func newCourier(dev *kernels.Device, c *Cache, o LoaderOptions) *courier {
	rows, image := 2*o.Batch, c.size*c.size*c.channels
	indexAt := rows * 6 * 8
	pixelsAt := indexAt + rows*4
	total := pixelsAt
	if c.resident == nil {
		total += o.Batch * image
	}
	k := &courier{cache: c, o: o, staging: dev.NewStaging(total), packed: dev.Scratch(kernels.Uint8, total)}
	k.matrix = k.packed.Carve(kernels.Float64, 0, rows, 6)
	k.index = k.packed.Carve(kernels.Int32, indexAt, rows)
	if c.resident == nil {
		k.pixels = k.packed.Carve(kernels.Uint8, pixelsAt, o.Batch, c.size, c.size, c.channels)
	}
	return k
}

// pack writes what batch b needs and sends it. Row i is the first view of image i, row n+i the second.
func (k *courier) pack(b *Batch, epoch uint32) {
	if k.sent {
		k.staging.Wait()
	}
	k.sent = true
	n, full := len(b.Samples), 2*k.o.Batch
	matrix := kernels.StagingOf[float64](k.staging, 0, full*6)
	index := kernels.StagingOf[int32](k.staging, full*6*8, full)
	for row := range 2 * n {
		ranges, key, sample := k.o.draw(b, row, epoch)
		m := ranges.Matrix(key, k.cache.size, k.cache.size, k.o.Size)
		copy(matrix[row*6:], m[:])
		index[row] = int32(sample)
		if k.pixels != nil {
			index[row] = int32(row % n)
		}
	}
	k.packPixels(b)
	k.staging.Send(k.packed)
}

// packPixels copies the batch's images where they are needed.
func (k *courier) packPixels(b *Batch) {
	if k.pixels == nil {
		return
	}
	image := k.cache.size * k.cache.size * k.cache.channels
	pix := kernels.StagingOf[uint8](k.staging, k.packed.Bytes()-k.pixels.Bytes(), k.pixels.Len())
	for i, s := range b.Samples {
		copy(pix[i*image:(i+1)*image], k.cache.Pixels(int(s)))
	}
}

// writeTo makes the views on the device: dst [2n,S,S,C].
func (k *courier) writeTo(dst *kernels.Array) {
	rows, pixels := dst.Dim(0), k.pixels
	if pixels == nil {
		pixels = k.cache.resident
	}
	k.staging.Arrive()
	augment.Views(dst, pixels, k.index.Rows(0, rows), k.matrix.Rows(0, rows), k.o.Invert)
}

func (k *courier) free() {
	k.staging.Free()
	k.packed.Free()
}
