package collection

import (
	"encoding/binary"
	"io"
	"math"
	"os"
)

// copyRows writes the rows of the places.
func (w *Writer) copyRows(to io.Writer, c Contents) error {
	size := 4 * w.Manifest.Dimensions
	added := rowFile{f: w.journal.rows, size: size}
	var kept, moved rowFile // each goes its own way through the file
	if w.old != nil {
		kept, moved = rowFile{f: w.old.rows, size: size}, rowFile{f: w.old.rows, size: size}
	}
	for _, p := range c.Places {
		from := &kept
		switch {
		case p.added():
			from = &added
		case p.moved():
			from = &moved
		}
		row, err := from.row(p.row())
		if err == nil {
			_, err = to.Write(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rowFile reads rows of a file in any order, those in their order many at a time.
type rowFile struct {
	f      *os.File
	size   int // of a row, in bytes
	first  int // of those in ahead
	ahead  []byte
	buffer []byte
}

// rowsAhead is how many bytes are read at a time, at least a row.
const rowsAhead = 1 << 16

// row is row n, valid until the next call.
func (r *rowFile) row(n int) ([]byte, error) {
	at := (n - r.first) * r.size
	if at < 0 || at >= len(r.ahead) {
		if r.buffer == nil {
			r.buffer = make([]byte, max(1, rowsAhead/r.size)*r.size)
		}
		got, err := r.f.ReadAt(r.buffer, int64(n)*int64(r.size))
		if got < r.size {
			return nil, err
		}
		r.first, r.ahead, at = n, r.buffer[:got/r.size*r.size], 0
	}
	return r.ahead[at : at+r.size], nil
}

// littleEndian appends the float32 to b.
func littleEndian(b []byte, values []float32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
