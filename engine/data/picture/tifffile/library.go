package tifffile

import (
	"encoding/binary"
	"errors"
	"fmt"

	"udml-gpu/cgo/tiff"
)

// Decoder is the name of the decoder of compressed files: "go", or libtiff with its version, such as "libtiff 4.5.0".
func Decoder() string {
	if tiff.Available() {
		return tiff.Name()
	}
	return "go"
}

// Problem is the reason why libtiff is not used; "" when it is.
func Problem() string { return tiff.Problem() }

// library decodes chunks with libtiff.
type library struct {
	l    *layout
	file *tiff.File
}

// memoryLimit bounds a single allocation of libtiff, on top of what the file's bytes and pixels need.
const memoryLimit = 64 << 20

// openLibrary opens the file. It refuses a file whose directory libtiff understands differently from this package, because
// the chunks would have other bytes.
func openLibrary(s *stored) (source, error) {
	l := s.l
	toRGB := l.photometric == ycbcrColours && !l.asRGBA()
	limit := memoryLimit + 2*int64(len(s.d.file)) + 16*int64(l.width)*int64(l.height)
	f, err := tiff.Open(s.d.file, limit, toRGB)
	if err != nil {
		return nil, err
	}
	if err := l.matches(f.Shape()); err != nil {
		f.Close()
		return nil, err
	}
	return &library{l, f}, nil
}

func (l *layout) matches(s tiff.Shape) error {
	same := s.Width == l.width && s.Height == l.height && s.Tiled == l.tiled
	if same && l.asRGBA() {
		return nil
	}
	down := s.Down
	if !s.Tiled {
		down = min(down, l.height)
	}
	same = same && s.Across == l.across && down == l.down && s.Bits == l.bits && s.Samples == l.samples
	if l.samples > 1 {
		same = same && s.Separate == l.separate
	}
	if !same {
		return fmt.Errorf("libtiff reads the directory as %dx%d pixels in %d samples of %d bits, which differs from its tags",
			s.Width, s.Height, s.Samples, s.Bits)
	}
	if s.RowBytes != int64(l.rowBytes()) || s.ChunkBytes < 1 || s.ChunkBytes > s.RowBytes*int64(max(s.Down, l.down)) {
		return fmt.Errorf(
			"libtiff: its strips or tiles have %d bytes in rows of %d, expected rows of %d",
			s.ChunkBytes,
			s.RowBytes,
			l.rowBytes(),
		)
	}
	return nil
}

func (s *library) order() byteOrder { return binary.NativeEndian }
func (s *library) close()           { s.file.Close() }

func (s *library) chunk(n, rows int, dst []byte) error {
	if s.l.tiled {
		rows = s.l.down
	}
	if len(dst) < rows*s.l.rowBytes() {
		return errors.New("libtiff: no memory for a strip or a tile")
	}
	return s.file.Chunk(n, dst[:rows*s.l.rowBytes()])
}

func (s *library) rgba(dst []byte) error { return s.file.RGBA(dst) }
