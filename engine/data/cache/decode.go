package cache

import (
	"image"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/picture"
)

// decoder decodes and resizes images of a set. It must be used by one goroutine at a time.
type decoder struct {
	set       *data.Set
	maxPixels int64
	resizer   *picture.Resizer
	look      func(i int, raw []byte, im image.Image, pix []uint8) // Options.Look
}

func newDecoder(set *data.Set, o Options) *decoder {
	return &decoder{set: set, maxPixels: o.MaxPixels, resizer: picture.NewResizer(o.target()), look: o.Look}
}

// decode writes image i to pix [size,size,channels].
func (d *decoder) decode(i int, pix []uint8) error {
	raw, err := d.set.ReadImage(i)
	if err != nil {
		return &unreadError{err}
	}
	im, err := picture.Decode(raw, d.maxPixels)
	if err != nil {
		return err
	}
	if im, err = d.set.Box(i).Crop(im); err != nil {
		return err
	}
	d.resizer.To(pix, im)
	if d.look != nil {
		d.look(i, raw, im, pix)
	}
	return nil
}
