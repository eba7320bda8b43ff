package loader

import (
	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
	"udml-gpu/kernels/augment"
)

// upload sends a batch to a GPU: which images it holds, the map of each view and, when the images are not
// on the device already, their pixels. The host writes pinned memory, which is sent while the previous step is still
// computed; copies from ordinary memory would make the driver wait for that step.
type upload struct {
	cache   *cache.Cache
	o       Options
	groups  []group
	staging *kernels.Staging
	packed  *kernels.Array // on the device: receives staging. The arrays below are parts of it.

	matrix  *kernels.Array // float64 [rows,6], of the rows that are made: V B, or those of the own images (Options.Own)
	index   *kernels.Array // int32 [rows], the image of each row among pixels, or among the cache's resident images
	effects *kernels.Array // float32 [rows,EffectFloats]: what is done to each view's pixels; nil when nothing is to any
	samples *kernels.Array // int32 [V B]
	labels  *kernels.Array // int32 [B]
	pixels  *kernels.Array // uint8 [B,h,w,C], [2B,h,w,C] with plans; nil when the images lie on the device
	at      offsets
	sent    bool
}

// offsets are the places of the parts in bytes.
type offsets struct{ index, effects, samples, labels, pixels, end int }

// newUpload makes an upload for batches of up to o.Batch images.
func newUpload(dev *kernels.Device, c *cache.Cache, o Options, groups []group) *upload {
	rows, all := len(o.Views)*o.made(o.Batch), len(o.Views)*o.Batch
	k := &upload{cache: c, o: o, groups: groups}
	k.at.index = rows * 6 * 8
	k.at.effects = k.at.index + rows*4
	k.at.samples = k.at.effects
	if changing(o.Views) {
		k.at.samples += rows * augment.EffectFloats * 4
	}
	k.at.labels = k.at.samples + all*4
	k.at.pixels = k.at.labels + o.Batch*4
	k.at.end = k.at.pixels
	images := o.Batch
	if o.Planned {
		images = 2 * o.Batch
	}
	if c.ResidentImages() == nil {
		k.at.end += images * c.ImageBytes()
	}
	k.staging, k.packed = dev.NewStaging(k.at.end), dev.Scratch(kernels.Uint8, k.at.end)
	k.matrix = k.packed.Carve(kernels.Float64, 0, rows, 6)
	k.index = k.packed.Carve(kernels.Int32, k.at.index, rows)
	if changing(o.Views) {
		k.effects = k.packed.Carve(kernels.Float32, k.at.effects, rows, augment.EffectFloats)
	}
	k.samples = k.packed.Carve(kernels.Int32, k.at.samples, all)
	k.labels = k.packed.Carve(kernels.Int32, k.at.labels, o.Batch)
	if c.ResidentImages() == nil {
		k.pixels = k.packed.Carve(kernels.Uint8, k.at.pixels, images, c.Size(), c.Size(), c.Channels())
	}
	return k
}

// pack writes the data of batch b and sends it.
func (k *upload) pack(b *Batch, epoch uint32) {
	if k.sent {
		k.staging.Wait()
	}
	k.sent = true
	n, full := len(b.Samples), k.matrix.Dim(0)
	matrix := kernels.StagingOf[float64](k.staging, 0, full*6)
	index := kernels.StagingOf[int32](k.staging, k.at.index, full)
	var effects []float32
	if k.effects != nil {
		effects = kernels.StagingOf[float32](k.staging, k.at.effects, k.effects.Len())
	}
	for i, r := range b.rows {
		ranges, key, sample := k.o.draw(b, r, epoch)
		size := k.o.Views[r.view].Size
		m := ranges.Matrix(key, k.cache.Size(), k.cache.Size(), size)
		copy(matrix[i*6:], m[:])
		if effects != nil {
			row := ranges.Effect(key, size).Row(size)
			copy(effects[i*augment.EffectFloats:], row[:])
		}
		if index[i] = int32(sample); k.pixels != nil {
			index[i] = int32(b.place(r.view*n + r.image))
		}
	}
	samples := kernels.StagingOf[int32](k.staging, k.at.samples, k.samples.Len())
	for row := range len(k.o.Views) * n {
		samples[row] = int32(b.Shown(row))
	}
	copy(kernels.StagingOf[int32](k.staging, k.at.labels, k.o.Batch), b.Labels)
	k.packPixels(b)
	k.staging.Send(k.packed)
}

// place is where the image of a row of all views lies among the batch's pixels: once for all views that show it.
func (b *Batch) place(row int) int {
	n := len(b.Samples)
	i := row % n
	if row < n || b.Second[i] == b.Samples[i] {
		return i
	}
	return n + i
}

// packPixels copies the batch's images to their places.
func (k *upload) packPixels(b *Batch) {
	if k.pixels == nil {
		return
	}
	image, n := k.cache.ImageBytes(), len(b.Samples)
	pix := kernels.StagingOf[uint8](k.staging, k.at.pixels, k.pixels.Len())
	put := func(place int, sample int32) { copy(pix[place*image:(place+1)*image], k.cache.Pixels(int(sample))) }
	for _, own := range k.o.own(n) {
		for i := own[0]; i < own[1]; i++ {
			put(i, b.Samples[i])
			if other := b.Second[i]; other != b.Samples[i] {
				put(n+i, other)
			}
		}
	}
}

// fill makes the views on the device and copies the rest there: images as for Batch.Fill, samples [V B], labels [B].
func (k *upload) fill(images []*kernels.Array, samples, labels *kernels.Array) {
	n, made, pixels := labels.Dim(0), k.o.made(labels.Dim(0)), k.pixels
	if pixels == nil {
		pixels = k.cache.ResidentImages()
	}
	k.staging.Arrive()
	for i, g := range k.groups {
		lo, hi := g.lo*made, g.hi*made
		augment.Views(images[i], pixels, k.index.Rows(lo, hi), k.matrix.Rows(lo, hi), k.o.Invert)
		if changing(k.o.Views[g.lo:g.hi]) {
			augment.Effects(images[i], k.effects.Rows(lo, hi))
		}
	}
	samples.CopyFrom(k.samples.Rows(0, samples.Dim(0)))
	labels.CopyFrom(k.labels.Rows(0, n))
}

func (k *upload) free() {
	k.staging.Free()
	k.packed.Free()
}
