// Package mattest writes small MAT files of version 5 for tests.
package mattest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"strings"
)

// Value is an array without its name.
type Value func(name string) []byte

// Element is an element of the type kind: in the small form where it fits, as in MATLAB.
func Element(kind uint32, content []byte) []byte {
	var b []byte
	if n := len(content); n > 0 && n <= 4 {
		b = binary.LittleEndian.AppendUint32(nil, uint32(n)<<16|kind)
	} else {
		b = binary.LittleEndian.AppendUint32(nil, kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, content...)
	return append(b, make([]byte, -len(b)&7)...)
}

// Array is an array of a class and a shape, with the elements as its values.
func Array(class uint32, shape []int32, elements ...[]byte) Value {
	return func(name string) []byte {
		flags := binary.LittleEndian.AppendUint32(nil, class)
		b := Element(6, append(flags, 0, 0, 0, 0))
		var dims []byte
		for _, d := range shape {
			dims = binary.LittleEndian.AppendUint32(dims, uint32(d))
		}
		b = append(b, Element(5, dims)...)
		b = append(b, Element(1, []byte(name))...)
		return Element(14, append(b, bytes.Join(elements, nil)...))
	}
}

// Number is a number in the form of MATLAB: a double, stored as an unsigned integer where it is one.
func Number(v float64) Value {
	content := Element(9, binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
	if v >= 0 && v < 256 && v == math.Trunc(v) {
		content = Element(2, []byte{byte(v)})
	} else if v >= 0 && v < 1<<16 && v == math.Trunc(v) {
		content = Element(4, binary.LittleEndian.AppendUint16(nil, uint16(v)))
	}
	return Array(6, []int32{1, 1}, content)
}

// Text is a row of characters of 16 bits.
func Text(s string) Value {
	var b []byte
	for _, r := range s {
		b = binary.LittleEndian.AppendUint16(b, uint16(r))
	}
	return Array(4, []int32{1, int32(len(b) / 2)}, Element(4, b))
}

// Cells is a cell array of one row.
func Cells(values ...Value) Value {
	return Array(1, []int32{1, int32(len(values))}, arrays(values)...)
}

// Structs is a struct array of one row, with names separated by spaces.
func Structs(names string, rows ...[]Value) Value {
	const width = 32
	var b []byte
	for name := range strings.FieldsSeq(names) {
		b = append(b, name...)
		b = append(b, make([]byte, width-len(name))...)
	}
	elements := [][]byte{Element(5, []byte{width, 0, 0, 0}), Element(1, b)}
	for _, row := range rows {
		elements = append(elements, arrays(row)...)
	}
	return Array(2, []int32{1, int32(len(rows))}, elements...)
}

func arrays(values []Value) [][]byte {
	var out [][]byte
	for _, v := range values {
		out = append(out, v(""))
	}
	return out
}

// Header is the start of a file.
func Header() []byte {
	b := append([]byte("MATLAB 5.0 MAT-file, Platform: test"), bytes.Repeat([]byte{' '}, 116-35)...)
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'I', 'M')
}

// Compressed is an element that holds other elements, deflated.
func Compressed(elements []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(elements) // writing to a buffer cannot fail
	_ = w.Close()
	b := binary.LittleEndian.AppendUint32(nil, 15)
	b = binary.LittleEndian.AppendUint32(b, uint32(z.Len()))
	return append(b, z.Bytes()...)
}
