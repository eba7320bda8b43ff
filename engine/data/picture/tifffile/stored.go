package tifffile

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

type byteOrder = binary.ByteOrder

// stored gives the chunks of a file as they are stored.
type stored struct {
	d       *directory
	l       *layout
	offsets []uint64
	counts  []uint64 // may be shorter, for files without them
}

// newStored finds the places of the chunks, and refuses files that lack some.
func newStored(d *directory, l *layout) (*stored, error) {
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripBytes)
	if l.tiled && d.has(tagTileOffsets) {
		offsets, counts = tagTileOffsets, tagTileBytes
	}
	n := l.columns() * l.rows() * l.planes()
	s := &stored{d, l, d.all(offsets, n), d.all(counts, n)}
	if len(s.offsets) < n {
		return nil, errors.New("its directory does not give the place of every strip or tile")
	}
	return s, nil
}

func (s *stored) order() byteOrder { return s.d.order }
func (s *stored) close()           {}

func (s *stored) rgba([]byte) error { return errors.New("YCbCr pixels cannot be decoded") }

// chunk copies an uncompressed chunk. Like Pillow, it ignores the stored byte count; the
// last row may lack the part beyond the image.
func (s *stored) chunk(n, rows int, dst []byte) error {
	row := s.l.rowBytes()
	seen := row
	if s.l.tiled {
		last := (s.l.width-1)%s.l.across + 1
		if n%s.l.columns() < s.l.columns()-1 {
			last = s.l.across
		}
		seen = (last*s.l.interleaved()*s.l.bits + 7) / 8
	}
	b, ok := s.d.bytes(s.offsets[n], uint64((rows-1)*row+seen))
	if !ok {
		return errors.New("the file ends within the pixels")
	}
	copy(dst, b)
	s.turnBits(dst)
	return nil
}

// compressed are the bytes of a chunk, as far as the file has them.
func (s *stored) compressed(n int) []byte {
	at := s.offsets[n]
	if at > uint64(len(s.d.file)) {
		return nil
	}
	b := s.d.file[at:]
	if n < len(s.counts) {
		b = b[:min(uint64(len(b)), s.counts[n])]
	}
	if s.l.fillOrder == 2 {
		b = slices.Clone(b)
		s.turnBits(b)
	}
	return b
}

// turnBits reverses the bits of each byte, so that the highest comes first.
func (s *stored) turnBits(b []byte) {
	if s.l.fillOrder == 2 {
		for i, v := range b {
			b[i] = bits.Reverse8(v)
		}
	}
}
