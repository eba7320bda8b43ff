package tifffile

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"

	"udml-gpu/cgo/tiff"
)

// The values of tag 259 that have names here.
const (
	noCompression, runLengths, group3, group4, lzwCompression    = 1, 2, 3, 4, 5
	oldJPEG, newJPEG, deflate, packBits, oldDeflate, runsAligned = 6, 7, 8, 32773, 32946, 32771
)

// compressionNames are the compressions that Pillow reads.
var compressionNames = map[int]string{
	noCompression: "no compression", runLengths: "CCITT run-length compression", group3: "CCITT group 3 compression",
	group4: "CCITT group 4 compression", lzwCompression: "LZW compression", oldJPEG: "old-style JPEG compression",
	newJPEG: "JPEG compression", deflate: "deflate compression", packBits: "PackBits compression", oldDeflate: "deflate compression",
	runsAligned: "CCITT run-length compression", 32809: "ThunderScan compression", 34925: "LZMA compression",
	50000: "Zstandard compression", 50001: "WebP compression",
}

// openCompressed chooses the decoder for compressed chunks and for YCbCr.
func openCompressed(s *stored) (source, error) {
	name := compressionNames[s.l.compression]
	if name == "" {
		return nil, notRead(fmt.Sprintf("compression of kind %d", s.l.compression))
	}
	if tiff.Available() {
		if !tiff.Has(s.l.compression) {
			return nil, fmt.Errorf("%s was built without %s", tiff.Name(), name)
		}
		return openLibrary(s)
	}
	if s.l.asRGBA() {
		return nil, needsLibrary("YCbCr colours and " + name)
	}
	if !s.goDecodes() {
		return nil, needsLibrary(name)
	}
	return &decoded{stored: s}, nil
}

// goDecodes tells whether Go's libraries read this file correctly.
func (s *stored) goDecodes() bool {
	bitmap := s.l.bits == 1 && s.l.samples == 1
	switch s.l.compression {
	case group3:
		return bitmap && s.d.one(tagGroup3, 0)&7 == 0 // one dimension, no uncompressed mode, no fill bits
	case group4:
		return bitmap
	case lzwCompression:
		b := s.compressed(0)
		return s.knownPredictor() && !(len(b) > 1 && b[0] == 0 && b[1]&1 == 1) // codes in the order of libtiff before 1993
	case deflate, oldDeflate:
		return s.knownPredictor()
	case packBits:
		return true
	}
	return false
}

// decoded decompresses chunks with Go's libraries.
type decoded struct{ *stored }

func (s *decoded) chunk(n, rows int, dst []byte) error {
	if s.l.tiled {
		rows = s.l.down // a tile has all of its rows
	}
	dst = dst[:rows*s.l.rowBytes()]
	if err := s.decompress(n, rows, dst); err != nil {
		return fmt.Errorf(
			"%s: %w (libtiff, which reads more, was not found: apt-get install libtiff6)",
			compressionNames[s.l.compression],
			err,
		)
	}
	s.undoPredictor(dst)
	return nil
}

func (s *decoded) decompress(n, rows int, dst []byte) error {
	in := bytes.NewReader(s.compressed(n))
	var r io.Reader
	switch s.l.compression {
	case group3:
		r = ccitt.NewReader(in, ccitt.MSB, ccitt.Group3, s.l.across, rows, &ccitt.Options{Invert: true})
	case group4:
		r = ccitt.NewReader(in, ccitt.MSB, ccitt.Group4, s.l.across, rows, &ccitt.Options{Invert: true})
	case lzwCompression:
		r = lzw.NewReader(in, lzw.MSB, 8)
	case packBits:
		return unpackBits(s.compressed(n), dst)
	default:
		z, err := zlib.NewReader(in)
		if err != nil {
			return err
		}
		r = z
	}
	_, err := io.ReadFull(r, dst)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errFew
	}
	return err
}

var errFew = errors.New("there are too few pixels")

// unpackBits decodes PackBits: a count n of 0 to 127 precedes n + 1 bytes, a count -n of -1 to -127 precedes a byte that is repeated
// n + 1 times (TIFF 6.0, section 9).
func unpackBits(b, dst []byte) error {
	for len(dst) > 0 {
		if len(b) < 2 {
			return errFew
		}
		count := int(int8(b[0]))
		n := 0
		switch {
		case count >= 0:
			n = min(count+1, len(dst))
			if len(b) < n+1 {
				return errFew
			}
			copy(dst, b[1:n+1])
			b = b[n+1:]
		case count == math.MinInt8:
			b = b[1:]
		default:
			n = min(1-count, len(dst))
			for i := range n {
				dst[i] = b[1]
			}
			b = b[2:]
		}
		dst = dst[n:]
	}
	return nil
}
