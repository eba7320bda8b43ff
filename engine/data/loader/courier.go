package loader

import (
	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
)

// courier brings a batch to a GPU: which images it holds, from which map each view is made and, when the images do not
// lie on the device already, their pixels. The host writes pinned memory, which travels while the step before is still
// computed; copies from ordinary memory would make the driver wait for that step.
type courier struct {
	cache   *cache.Cache
	o       Options
	staging *kernels.Staging
	packed  *kernels.Array // on the device: what staging sends. The rest are parts of it.

	matrix  *kernels.Array // float64 [2B,6]
	index   *kernels.Array // int32 [2B], the image of each row among pixels, or among the cache's resident images
	samples *kernels.Array // int32 [2B]
	labels  *kernels.Array // int32 [B]
	pixels  *kernels.Array // uint8 [B,h,w,C], [2B,h,w,C] with neighbours; nil when the images lie on the device
	at      offsets
	sent    bool
}

// offsets are the places of the parts in bytes.
type offsets struct{ index, samples, labels, pixels, end int }

// newCourier makes a courier for batches of up to o.Batch images.
func newCourier(dev *kernels.Device, c *cache.Cache, o Options) *courier {
	rows := 2 * o.Batch
	k := &courier{cache: c, o: o}
	k.at.index = rows * 6 * 8
	k.at.samples = k.at.index + rows*4
	k.at.labels = k.at.samples + rows*4
	k.at.pixels = k.at.labels + o.Batch*4
	k.at.end = k.at.pixels
	images := o.Batch
	if o.Neighbours {
		images = rows
	}
	if c.ResidentImages() == nil {
		k.at.end += images * c.ImageBytes()
	}
	k.staging, k.packed = dev.NewStaging(k.at.end), dev.Scratch(kernels.Uint8, k.at.end)
	k.matrix = k.packed.Carve(kernels.Float64, 0, rows, 6)
	k.index = k.packed.Carve(kernels.Int32, k.at.index, rows)
	k.samples = k.packed.Carve(kernels.Int32, k.at.samples, rows)
	k.labels = k.packed.Carve(kernels.Int32, k.at.labels, o.Batch)
	if c.ResidentImages() == nil {
		k.pixels = k.packed.Carve(kernels.Uint8, k.at.pixels, images, c.Size(), c.Size(), c.Channels())
	}
	return k
}

// pack writes what batch b needs and sends it. Row i is the first view of image i, row n+i the second view of it or of
// its neighbour.
func (k *courier) pack(b *Batch, epoch uint32) {
	if k.sent {
		k.staging.Wait()
	}
	k.sent = true
	n, full := len(b.Samples), 2*k.o.Batch
	matrix := kernels.StagingOf[float64](k.staging, 0, full*6)
	index := kernels.StagingOf[int32](k.staging, k.at.index, full)
	samples := kernels.StagingOf[int32](k.staging, k.at.samples, full)
	for row := range 2 * n {
		ranges, key, sample := k.o.draw(b, row, epoch)
		m := ranges.Matrix(key, k.cache.Size(), k.cache.Size(), k.o.Size)
		copy(matrix[row*6:], m[:])
		samples[row], index[row] = int32(sample), int32(sample)
		if k.pixels != nil {
			index[row] = int32(b.place(row))
		}
	}
	copy(kernels.StagingOf[int32](k.staging, k.at.labels, k.o.Batch), b.Labels)
	k.packPixels(b)
	k.staging.Send(k.packed)
}

// place is where the image of a row lies among the batch's pixels: an image that both views show lies there once.
func (b *Batch) place(row int) int {
	if n := len(b.Samples); row >= n && b.Second[row-n] == b.Samples[row-n] {
		return row - n
	}
	return row
}

// packPixels copies the batch's images where they are needed.
func (k *courier) packPixels(b *Batch) {
	if k.pixels == nil {
		return
	}
	image := k.cache.ImageBytes()
	pix := kernels.StagingOf[uint8](k.staging, k.at.pixels, k.pixels.Len())
	for row := range 2 * len(b.Samples) {
		if b.place(row) == row {
			copy(pix[row*image:(row+1)*image], k.cache.Pixels(b.shown(row)))
		}
	}
}

// fill makes the views on the device and copies the rest there: images [2n,S,S,C], samples [2n], labels [n].
func (k *courier) fill(images, samples, labels *kernels.Array) {
	rows, pixels := images.Dim(0), k.pixels
	if pixels == nil {
		pixels = k.cache.ResidentImages()
	}
	k.staging.Arrive()
	augment.Views(images, pixels, k.index.Rows(0, rows), k.matrix.Rows(0, rows), k.o.Invert)
	samples.CopyFrom(k.samples.Rows(0, rows))
	labels.CopyFrom(k.labels.Rows(0, rows/2))
}

func (k *courier) free() {
	k.staging.Free()
	k.packed.Free()
}
