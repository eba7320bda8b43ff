// Package pictures gives the images behind the items of a collection: files, decoded images and thumbnails.
package pictures

import (
	"bytes"
	"image"
	"image/jpeg"

	"golang.org/x/image/draw"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// Pictures reads the images of a collection. Its methods may be called from several goroutines at once, up to Close.
type Pictures struct {
	c     *collection.Collection
	files archive.Opener
	where string
	pack  *pack // thumbnails made before; nil: none are kept
}

// Open opens the data set of the collection, whose images may have moved, vanished or changed since they were embedded: a *baddata.Error
// where it is not there.
func Open(c *collection.Collection) (*Pictures, error) {
	where := c.Data()
	files, err := data.OpenFiles(where)
	if err != nil {
		return nil, baddata.Errorf("the images of %s are not where they were: %w", c.Path, err)
	}
	return &Pictures{c: c, files: files, where: where, pack: openPack(c.Path)}, nil
}

// Where is the data set, as --data takes it.
func (p *Pictures) Where() string { return p.where }

// File is the content of the file of item i.
func (p *Pictures) File(i int) ([]byte, error) {
	b, err := p.files.Read(p.c.Items[i].Path)
	if err != nil {
		return nil, baddata.Errorf("%s: %s cannot be read: %w", p.where, notes.Shown(p.c.Items[i].Path), err)
	}
	return b, nil
}

// Image is item i as it was embedded: decoded, upright, cropped to its box.
func (p *Pictures) Image(i int) (image.Image, error) {
	b, err := p.File(i)
	if err != nil {
		return nil, err
	}
	im, err := picture.Decode(b, 0)
	if err == nil {
		im, err = p.c.Items[i].Box.Crop(im)
	}
	if err != nil {
		return nil, baddata.Errorf("%s: %s: %w", p.where, notes.Shown(p.c.Items[i].Path), err)
	}
	return im, nil
}

// Thumbnail is item i, scaled down to at most side pixels on each side; smaller images keep their size.
func (p *Pictures) Thumbnail(i, side int) (image.Image, error) {
	im, err := p.Image(i)
	if err != nil {
		return nil, err
	}
	return Fit(im, side), nil
}

// Fit is im, scaled down to at most side pixels on each side; a smaller image is given as it is.
func Fit(im image.Image, side int) image.Image {
	at := im.Bounds().Size()
	if at.X <= side && at.Y <= side {
		return im
	}
	w, h := side, max(1, (at.Y*side+at.X/2)/at.X)
	if at.Y > at.X {
		w, h = max(1, (at.X*side+at.Y/2)/at.Y), side
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(small, small.Bounds(), im, im.Bounds(), draw.Src, nil)
	return small
}

// quality is that of the JPEG files of thumbnails.
const quality = 82

// JPEG is Thumbnail as a JPEG file. It is kept in the collection's pack, and taken from there the next time.
func (p *Pictures) JPEG(i, side int) ([]byte, error) {
	key := keyOf(&p.c.Items[i], side)
	if p.pack != nil {
		if b := p.pack.get(key); b != nil {
			return b, nil
		}
	}
	b, err := p.Scaled(i, side)
	if err == nil && p.pack != nil {
		p.pack.put(key, b)
	}
	return b, err
}

// Scaled is Thumbnail as a JPEG file that is not kept.
func (p *Pictures) Scaled(i, side int) ([]byte, error) {
	im, err := p.Thumbnail(i, side)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, im, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// Close closes the files.
func (p *Pictures) Close() error {
	if p.pack != nil {
		p.pack.close()
	}
	return p.files.Close()
}
