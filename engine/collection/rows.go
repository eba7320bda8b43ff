package collection

import (
	"encoding/binary"
	"io"
	"math"
	"os"

	"udml-gpu/models/disk"
)

// copyRows writes the rows of the list.
func (w *Writer) copyRows(to io.Writer, list []Known) error {
	fresh, release, err := mapped(w.journal.rows)
	if err != nil {
		return err
	}
	defer func() { _ = release() }()
	size := 4 * w.Manifest.Dimensions
	var b []byte
	for i := range list {
		row := list[i].row
		from := fresh
		if !list[i].new {
			b = littleEndian(b[:0], w.old.Row(row))
			from, row = b, 0
		}
		if _, err := to.Write(from[row*size : (row+1)*size]); err != nil {
			return err
		}
	}
	return nil
}

// mapped is the content of a file that is not empty.
func mapped(f *os.File) (b []byte, release func() error, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return nil, func() error { return nil }, err
	}
	return disk.OSFile{File: f}.Map(info.Size())
}

// littleEndian appends the float32 to b.
func littleEndian(b []byte, values []float32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
