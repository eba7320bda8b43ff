package collection

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"unsafe"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/kernels"
	"udml-gpu/kernels/half"
	"udml-gpu/models/disk"
)

// Float16 is the Manifest.Type of vectors that are IEEE 754 binary16 numbers.
const Float16 = "float16"

// halvesFrom is Writer.HalvesFrom unless it is set: below it, a search is quick enough without.
const halvesFrom = 1_000_000

// mapVectors maps the rows.
func (c *Collection) mapVectors() error {
	b, err := c.mapped(c.Manifest.Vectors)
	switch {
	case err != nil:
		return err
	case c.Manifest.Type == Float16:
		c.halves = numbers(b, binary.LittleEndian.Uint16)
		return nil
	}
	c.vectors = numbers(b, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
	if c.Manifest.Halves == nil {
		return nil
	}
	if b, err = c.mapped(*c.Manifest.Halves); err == nil {
		c.halves = numbers(b, binary.LittleEndian.Uint16)
	}
	return err
}

// mapped is the content of a file of the collection, until Close.
func (c *Collection) mapped(of File) ([]byte, error) {
	f, err := openRows(c.Path, of)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if of.Size == 0 {
		return nil, nil
	}
	b, release, err := disk.OSFile{File: f}.Map(of.Size)
	if err != nil {
		return nil, baddata.Errorf("%s: its %s cannot be mapped: %w", c.Path, of.Name, err)
	}
	c.release = append(c.release, release)
	return b, nil
}

// openRows opens a file of vectors of the collection at path.
func openRows(path string, of File) (*os.File, error) {
	f, info, err := disk.Open(filepath.Join(path, of.Name))
	if err != nil {
		return nil, baddata.Errorf("%s: its %s cannot be opened: %w", path, of.Name, err)
	}
	if info.Size() != of.Size {
		_ = f.Close()
		return nil, baddata.Errorf("%s is damaged: its %s has %d bytes, expected %d; udml-gpu embed makes it anew",
			path, of.Name, info.Size(), of.Size)
	}
	return f, nil
}

// numbers are those of b, little endian: a view where the machine has that order.
func numbers[T uint16 | float32](b []byte, at func([]byte) T) []T {
	size := int(unsafe.Sizeof(T(0)))
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/size)
	}
	list := make([]T, len(b)/size)
	for i := range list {
		list[i] = at(b[size*i:])
	}
	return list
}

// Row is the vector [D] of item i; it must not be written, nor used after Close.
func (c *Collection) Row(i int) []float32 { return c.RowIn(nil, i) }

// RowIn is Row in buffer [D], if it cannot be had without a copy; a nil buffer is made.
func (c *Collection) RowIn(buffer []float32, i int) []float32 {
	d := c.Dim()
	if !c.Float16() {
		return c.vectors[i*d : (i+1)*d]
	}
	if buffer == nil {
		buffer = make([]float32, d)
	}
	half.Decode(buffer, c.halves[i*d:(i+1)*d])
	return buffer
}

// Rows are the vectors of items lo to hi as an array [hi-lo,D] of a CPU device, a copy where they are float16; as for Row.
func (c *Collection) Rows(dev *kernels.Device, lo, hi int) *kernels.Array {
	d := c.Dim()
	if !c.Float16() {
		return kernels.Wrap(dev, c.vectors[lo*d:hi*d], hi-lo, d)
	}
	rows := dev.New(kernels.Float32, hi-lo, d)
	half.Decode(kernels.Data[float32](rows), c.halves[lo*d:hi*d])
	return rows
}

// Float16 tells whether the vectors themselves are float16.
func (c *Collection) Float16() bool { return c.Manifest.Type == Float16 }

// HasHalves tells whether the vectors, or copies of them, are there in float16.
func (c *Collection) HasHalves() bool { return c.halves != nil }

// Halves are the vectors of items lo to hi in float16, row-major [hi-lo,D], where HasHalves. As for Row.
func (c *Collection) Halves(lo, hi int) []uint16 { return c.halves[lo*c.Dim() : hi*c.Dim()] }
