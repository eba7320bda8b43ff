package matfile

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Array is an array of a MAT file: of numbers, of characters, of cells or of structs. Of its shape only the
// number of values and of rows is kept; values are in MATLAB's order, column after column.
type Array struct {
	kind    kind
	len     int
	rows    int
	element element  // numbers and characters, as in the file
	fields  []string // of a struct array
	cells   []*Array // of a cell array; of a struct array the fields of the first struct, then those of the next
}

// kind is the type of an array's values.
type kind int

const (
	number kind = iota
	text
	cell
	structure
)

// Structs is the number of structs and the names of their fields; ok is false when it is not a struct array.
func (a *Array) Structs() (n int, fields []string, ok bool) {
	return a.len, a.fields, a.kind == structure
}

// Field is the value of a field of the struct i; nil when there is no such field.
func (a *Array) Field(i int, name string) *Array {
	at := slices.Index(a.fields, name)
	if a.kind != structure || at < 0 || i < 0 || i >= a.len {
		return nil
	}
	return a.cells[i*len(a.fields)+at]
}

// Cells are the values of a cell array; ok is false when it is not one.
func (a *Array) Cells() (cells []*Array, ok bool) { return a.cells, a.kind == cell }

// Number is the value of an array of one number, of any type, as a float64; ok is false for other arrays.
func (a *Array) Number() (v float64, ok bool) {
	if a == nil || a.kind != number || a.len != 1 {
		return 0, false
	}
	b := a.element.data.b
	le := binary.LittleEndian
	switch a.element.kind {
	case miInt8:
		return float64(int8(b[0])), true
	case miUint8:
		return float64(b[0]), true
	case miInt16:
		return float64(int16(le.Uint16(b))), true
	case miUint16:
		return float64(le.Uint16(b)), true
	case miInt32:
		return float64(int32(le.Uint32(b))), true
	case miUint32:
		return float64(le.Uint32(b)), true
	case miSingle:
		return float64(math.Float32frombits(le.Uint32(b))), true
	case miInt64:
		return float64(int64(le.Uint64(b))), true
	case miUint64:
		return float64(le.Uint64(b)), true
	}
	return math.Float64frombits(le.Uint64(b)), true // miDouble: values refuses all other types
}

// Text is the text of an array of characters in one row; ok is false for other arrays, or when it is not valid Unicode.
func (a *Array) Text() (s string, ok bool) {
	if a == nil || a.kind != text || a.rows > 1 {
		return "", false
	}
	b := a.element.data.b
	width := widths[a.element.kind]
	if a.element.kind == miUTF8 {
		return string(b), utf8.Valid(b)
	}
	units := make([]rune, 0, len(b)/width)
	for i := 0; i < len(b); i += width {
		units = append(units, unit(b[i:i+width]))
	}
	if width == 2 {
		return fromUTF16(units)
	}
	return string(units), !slices.ContainsFunc(units, func(r rune) bool { return !utf8.ValidRune(r) })
}

// unit is a character of 1, 2, 4 or 8 bytes; -1 for a number that is not a character.
func unit(b []byte) rune {
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	if v > utf8.MaxRune {
		return -1
	}
	return rune(v)
}

// fromUTF16 joins pairs of 16-bit units that encode one character.
func fromUTF16(units []rune) (string, bool) {
	pairs := make([]uint16, len(units))
	for i, u := range units {
		pairs[i] = uint16(u)
	}
	all := utf16.Decode(pairs)
	return string(all), !slices.Contains(all, utf8.RuneError)
}
