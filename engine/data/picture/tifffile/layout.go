package tifffile

import (
	"errors"
	"fmt"
	"slices"
)

// The values of tags that have names here.
const (
	whiteIsZero, blackIsZero, rgbColours, palette, cmykColours, ycbcrColours, labColours = 0, 1, 2, 3, 5, 6, 8
	unsigned, signed, float                                                              = 1, 2, 3
	unspecified, premultiplied, alpha                                                    = 0, 1, 2
)

// layout is what the directory says about the pixels and their places.
type layout struct {
	width, height int
	bits          int // of each sample
	samples       int // of each pixel
	colours       int // the samples that are read: 1, 3 or 4
	extra         []int
	format        int
	photometric   int
	compression   int
	fillOrder     int
	predictor     int
	orientation   int
	separate      bool // each sample has its own chunks
	missingExtra  bool // there are samples beyond the colours, and no tag says what they are
	tiled         bool
	across, down  int // pixels of a chunk: a tile, or a strip of the image's width
}

// maxSamples bounds the samples of a pixel. Pillow's limit is six; 16 leaves room for planes that are skipped.
const maxSamples = 16

// layout reads the tags as Pillow does, with its defaults for missing ones.
func (d *directory) layout() (*layout, error) {
	l := &layout{
		width: d.one(
			tagWidth,
			0,
		), height: d.one(tagHeight, 0), compression: d.one(tagCompression, 1), photometric: d.one(tagPhotometric, 0),
		fillOrder: d.one(tagFillOrder, 1), predictor: d.one(tagPredictor, 1), orientation: d.one(tagOrientation, 1),
		separate: d.one(tagPlanar, 1) == 2,
	}
	if l.width < 1 || l.height < 1 {
		return nil, errors.New("its directory gives the image no size")
	}
	if l.compression == oldJPEG {
		l.photometric = ycbcrColours // even if the file says otherwise
	}
	l.across, l.down = l.width, min(max(d.one(tagRows, l.height), 1), l.height)
	// Like libtiff, accept the offsets of tiles under the tag of strips.
	if d.has(tagTileWidth) && (l.compression != noCompression || !d.has(tagStripOffsets)) {
		l.tiled = true
		l.across, l.down = d.one(tagTileWidth, 0), d.one(tagTileHeight, 0)
	}
	return l, errors.Join(l.readSamples(d), l.checkChunks())
}

// readSamples finds the number, the bits and the meaning of a pixel's samples.
func (l *layout) readSamples(d *directory) error {
	l.colours = map[int]int{rgbColours: 3, ycbcrColours: 3, labColours: 3, cmykColours: 4}[l.photometric]
	l.colours = max(l.colours, 1)
	missing := 1
	if l.compression == oldJPEG {
		missing = 3
	}
	l.samples = d.one(tagSamples, missing)
	if l.samples < 1 || l.samples > maxSamples {
		return notRead(fmt.Sprintf("%d samples a pixel", l.samples))
	}
	for _, v := range d.all(tagExtra, maxSamples) {
		l.extra = append(l.extra, int(min(v, 1<<16)))
	}
	if l.photometric == ycbcrColours && l.samples == 1 {
		l.photometric, l.colours = blackIsZero, 1
	}
	l.missingExtra = l.samples > l.colours && len(l.extra) == 0
	var err error
	if l.bits, err = same(d.all(tagBits, l.samples), "bits a sample"); err != nil {
		return err
	}
	if l.format, err = same(d.all(tagFormat, l.samples), "sample formats"); err != nil {
		return err
	}
	if l.format == 4 { // "undefined": in practice unsigned numbers
		l.format = unsigned
	}
	return nil
}

// same is the one value shared by all samples; 1 where there is none.
func same(list []uint64, what string) (int, error) {
	if len(list) == 0 {
		return 1, nil
	}
	if slices.Min(list) != slices.Max(list) {
		return 0, notRead(fmt.Sprintf("%s that differ between samples (%d)", what, list))
	}
	return int(min(list[0], 1<<16)), nil
}

// smallTile is the number of pixels that a tile of any image may have; a larger tile may have no more pixels than the image.
const smallTile = 1 << 22

func (l *layout) checkChunks() error {
	switch {
	case l.across < 1 || l.down < 1:
		return errors.New("its directory gives neither strips nor tiles")
	case l.tiled && (l.across > 1<<16 || l.down > 1<<16 || int64(l.across)*int64(l.down) > max(smallTile, int64(l.width)*int64(l.height))):
		return fmt.Errorf("its tiles have %dx%d pixels and the image %dx%d", l.across, l.down, l.width, l.height)
	}
	return nil
}

// columns is the number of chunks side by side; rows is the number below each other.
func (l *layout) columns() int { return (l.width + l.across - 1) / l.across }
func (l *layout) rows() int    { return (l.height + l.down - 1) / l.down }

// rowBytes is the number of bytes of a chunk's row after decoding.
func (l *layout) rowBytes() int { return (l.across*l.interleaved()*l.bits + 7) / 8 }

// interleaved is the number of samples side by side in a chunk.
func (l *layout) interleaved() int {
	if l.separate {
		return 1
	}
	return l.samples
}

// planes is the number of sets of chunks that are read.
func (l *layout) planes() int {
	if l.separate {
		return l.channels()
	}
	return 1
}

// channels is the number of samples of a pixel that are used: its colours, and an alpha by which they were multiplied.
func (l *layout) channels() int {
	if l.multiplied() {
		return l.colours + 1
	}
	return l.colours
}

// multiplied tells whether colours were multiplied by alpha. Like Pillow, it also takes a fourth plane of unknown meaning for such an
// alpha where the planes are compressed.
func (l *layout) multiplied() bool {
	if l.photometric != rgbColours || l.samples < 4 {
		return false
	}
	return len(l.extra) > 0 && l.extra[0] == premultiplied || l.missingExtra && l.separate && l.compression != noCompression
}
