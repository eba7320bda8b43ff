package convert

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"udml-gpu/engine/collection"
)

// writeNPY writes the vectors [N,D] float32 with the bytes of numpy.save, and the paths beside them.
func writeNPY(j *job) error {
	return j.write(j.out, func(w *bufio.Writer) error {
		if _, err := w.Write(npyHeader(len(j.live), j.c.Dim())); err != nil {
			return err
		}
		return j.writeRows(w)
	}, j.pathsAndAbout()...)
}

// writeRows writes the vectors one after the other, little endian.
func (j *job) writeRows(w *bufio.Writer) error {
	var b []byte
	return j.each(func(_ int, _ *collection.Item, row []float32) error {
		b = littleEndian(b[:0], row)
		_, err := w.Write(b)
		return err
	})
}

// npyHeader is that of numpy's format 1.0, which leaves room for 21 digits of N and ends at a multiple of 64 bytes.
func npyHeader(n, d int) []byte {
	const digits, align, prefix = 21, 64, 10
	dict := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, d)
	dict += strings.Repeat(" ", digits-len(strconv.Itoa(n)))
	dict += strings.Repeat(" ", align-(prefix+len(dict)+1)%align) + "\n" // numpy adds 64 spaces where none were needed
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dict)))
	return append(b, dict...)
}
