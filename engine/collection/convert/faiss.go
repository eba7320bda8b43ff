package convert

import (
	"bufio"
	"encoding/binary"
)

// The parts of the file of a flat index (faiss/impl/index_write.cpp).
const (
	faissMagic   = "IxFI" // IndexFlatIP
	faissDummy   = 1 << 20
	innerProduct = 0 // of unit vectors it is the cosine
)

// writeFAISS writes the index with the bytes of faiss.write_index, and the paths beside it.
func writeFAISS(j *job) error {
	return j.write(j.out, func(w *bufio.Writer) error {
		if _, err := w.Write(faissHeader(len(j.live), j.c.Dim())); err != nil {
			return err
		}
		return j.writeRows(w)
	}, j.pathsAndAbout()...)
}

// faissHeader is what stands before the vectors.
func faissHeader(n, d int) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(faissMagic), uint32(d))
	for _, v := range []int{n, faissDummy, faissDummy} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	b = append(b, 1) // trained
	b = binary.LittleEndian.AppendUint32(b, innerProduct)
	return binary.LittleEndian.AppendUint64(b, uint64(n)*uint64(d))
}
