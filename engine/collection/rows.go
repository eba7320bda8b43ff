package collection

import (
	"encoding/binary"
	"io"
	"math"
	"os"

	"udml-gpu/kernels/half"
)

// copyRows writes the rows of the places, with halves in float16.
func (w *Writer) copyRows(to io.Writer, c Contents, halves bool) error {
	long := 4 * w.Manifest.Dimensions // the journal has float32
	added := rowFile{f: w.journal.rows, size: long}
	var kept, moved rowFile // each goes its own way through the file
	if size := w.Manifest.rowBytes(); w.old != nil {
		kept, moved = rowFile{f: w.old.rows, size: size}, rowFile{f: w.old.rows, size: size}
	}
	var short []byte
	for _, p := range c.Places {
		from := &kept
		switch {
		case p.added():
			from = &added
		case p.moved():
			from = &moved
		}
		row, err := from.row(p.row())
		if err == nil && halves && len(row) == long {
			short = appendHalves(short[:0], row)
			row = short
		}
		if err == nil {
			_, err = to.Write(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// appendHalves appends a row of float32 as float16.
func appendHalves(b, row []byte) []byte {
	for i := 0; i < len(row); i += 4 {
		b = binary.LittleEndian.AppendUint16(b, half.Bits(math.Float32frombits(binary.LittleEndian.Uint32(row[i:]))))
	}
	return b
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
