package run

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"path/filepath"
	"strconv"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/report/projector"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/disk"
)

// The most images that the projector is given, and the side of their thumbnails in pixels: the picture of all has 3200 x 3200.
const maxPoints, pointSide = 10_000, 32

// Points are embedded images for TensorBoard's projector.
type Points struct {
	Images  *cache.Cache
	Chosen  []int32   // of these images, ascending
	Vectors []float32 // of the chosen images, [len(Chosen),D]
}

// NewPoints are the images of c with their embedding [N,D]: all of them, or maxPoints that seed decides.
func NewPoints(c *cache.Cache, embedding *kernels.Array, seed uint64) *Points {
	p := &Points{Images: c, Chosen: rng.Key{Seed: seed, Op: rng.OpSubset}.Choose(c.Len(), maxPoints)}
	for _, i := range p.Chosen {
		p.Vectors = append(p.Vectors, kernels.Read[float32](embedding.Rows(int(i), int(i)+1))...)
	}
	return p
}

// write writes the folder that the projector reads.
func (p *Points) write(dir string) error {
	if len(p.Chosen) == 0 {
		return nil
	}
	side := min(pointSide, p.Images.Size())
	c := projector.Config{Name: "embedding", Count: len(p.Chosen), Dim: len(p.Vectors) / len(p.Chosen), Side: side}
	s := &projector.Sprite{Count: len(p.Chosen), Side: side}
	s.Load = func(first int, tiles *image.RGBA) { p.draw(s, first, tiles) }
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{projector.VectorsFile, func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, p.Vectors) }},
		{projector.TableFile, p.writeTable},
		{projector.SpriteFile, func(w io.Writer) error { return errors.Join(s.Write(w), p.Images.Err()) }},
		{projector.ConfigFile, c.Write},
	} {
		var b bytes.Buffer
		if err := f.write(&b); err != nil {
			return err
		}
		if err := disk.Replace(filepath.Join(dir, f.name), b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// writeTable writes names and labels; no label: an empty cell.
func (p *Points) writeTable(w io.Writer) error {
	_, err := io.WriteString(w, projector.Line("name", "label"))
	for _, i := range p.Chosen {
		label := ""
		if l := p.Images.Label(int(i)); l >= 0 {
			label = strconv.Itoa(int(l))
		}
		if err == nil {
			_, err = io.WriteString(w, projector.Line(p.Images.Name(int(i)), label))
		}
	}
	return err
}

// draw draws the row of thumbnails that begins with the first of the chosen images.
func (p *Points) draw(s *projector.Sprite, first int, tiles *image.RGBA) {
	channels := p.Images.Channels()
	resizer := picture.NewResizer(picture.Target{Size: s.Side, Channels: channels})
	small := make([]uint8, s.Side*s.Side*channels)
	for k, i := range p.Chosen[first:min(first+s.PerRow(), len(p.Chosen))] {
		resizer.To(small, p.Images.Image(int(i)))
		square := tiles.SubImage(s.Square(k)).(*image.RGBA)
		for y := range s.Side {
			toRGBA(square.Pix[y*square.Stride:], small[y*s.Side*channels:(y+1)*s.Side*channels], channels)
		}
	}
}

// toRGBA writes pixels of one or three channels as opaque ones of four.
func toRGBA(dst, pix []uint8, channels int) {
	for ; len(pix) >= channels; dst, pix = dst[4:], pix[channels:] {
		dst[0], dst[1], dst[2], dst[3] = pix[0], pix[channels/2], pix[channels-1], 255
	}
}
