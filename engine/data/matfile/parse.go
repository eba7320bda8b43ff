package matfile

import (
	"bytes"
	"encoding/binary"
	"math"
)

// The classes of arrays.
const (
	mxCell   = 1
	mxStruct = 2
	mxChar   = 4
	mxDouble = 6
	mxUint64 = 15

	flagComplex = 0x08
)

// array reads the content of an element of type miMatrix, and its name.
func (r *reader) array(e element, depth int) (*Array, string, error) {
	if e.kind != miMatrix {
		return nil, "", e.data.fail("an element of type %d: expected an array", e.kind)
	}
	if r.arrays++; r.arrays > maxArrays {
		return nil, "", e.data.fail("the file holds more than %d arrays", maxArrays)
	}
	if depth > maxDepth {
		return nil, "", e.data.fail("arrays in arrays go deeper than %d", maxDepth)
	}
	if len(e.data.b) == 0 { // MATLAB's form of [] in cells and fields
		return &Array{kind: number}, "", nil
	}
	rest := e.data
	flags, err := rest.want(miUint32, "the flags of an array")
	if err != nil {
		return nil, "", err
	}
	if len(flags.b) != 8 {
		return nil, "", flags.fail("the flags of an array have %d bytes: expected 8", len(flags.b))
	}
	a := &Array{}
	if err := a.size(&rest); err != nil {
		return nil, "", err
	}
	name, err := rest.want(miInt8, "the name of an array")
	if err != nil {
		return nil, "", err
	}
	return a, string(name.b), r.content(a, flags, &rest, depth)
}

// size reads the dimensions.
func (a *Array) size(rest *span) error {
	dims, err := rest.want(miInt32, "the dimensions of an array")
	if err != nil {
		return err
	}
	if len(dims.b) < 8 || len(dims.b)%4 != 0 {
		return dims.fail("the dimensions of an array take %d bytes: expected two or more numbers of 4", len(dims.b))
	}
	n := 1
	for i := 0; i < len(dims.b); i += 4 {
		d := binary.LittleEndian.Uint32(dims.b[i:])
		// No file within the size limits holds so many values, and int may have 32 bits.
		if d > math.MaxInt32 || n > 0 && uint64(d) > uint64(math.MaxInt32/n) {
			return dims.fail("an array has more than %d values", math.MaxInt32)
		}
		if i == 0 {
			a.rows = int(d)
		}
		n *= int(d)
	}
	a.len = n
	return nil
}

// content reads the values. Bytes after them are ignored, as by other readers.
func (r *reader) content(a *Array, flags span, rest *span, depth int) error {
	class := flags.b[0]
	switch {
	case flags.b[1]&flagComplex != 0:
		return flags.fail("an array of complex numbers, which are not read")
	case class == mxCell:
		a.kind = cell
		return r.cells(a, a.len, rest, depth)
	case class == mxStruct:
		a.kind = structure
		return r.fields(a, rest, depth)
	case class == mxChar:
		a.kind = text
	case class >= mxDouble && class <= mxUint64:
		a.kind = number
	default:
		return flags.fail("an array of class %d: expected numbers, text, cells or structs", class)
	}
	return a.values(rest)
}

// values takes the bytes of the numbers or characters unconverted.
func (a *Array) values(rest *span) error {
	start := *rest
	e, err := rest.element()
	if err != nil {
		return err
	}
	width := widths[e.kind]
	switch {
	case width == 0 || a.kind == number && e.kind >= miUTF8:
		return start.fail("the values of an array are an element of type %d: expected numbers or characters", e.kind)
	case len(e.data.b)%width != 0, a.kind == number && len(e.data.b)/width != a.len:
		return start.fail("an array of %[3]d values has %[1]d bytes of values of %[2]d each", len(e.data.b), width, a.len)
	}
	a.element = e
	return nil
}

// fields reads the names of a struct's fields, all of the same length, and the values.
func (r *reader) fields(a *Array, rest *span, depth int) error {
	long, err := rest.want(miInt32, "the length of field names")
	if err != nil {
		return err
	}
	if len(long.b) != 4 {
		return long.fail("the length of field names takes %d bytes: expected 4", len(long.b))
	}
	names, err := rest.want(miInt8, "field names")
	if err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(long.b))
	if n == 0 || int64(len(names.b))%n != 0 {
		return names.fail("%d bytes of field names are not names of %d bytes each", len(names.b), n)
	}
	for all := names.b; len(all) > 0; all = all[n:] {
		name, _, _ := bytes.Cut(all[:n], []byte{0})
		a.fields = append(a.fields, string(name))
	}
	if len(a.fields) > 0 && a.len > math.MaxInt32/len(a.fields) {
		return names.fail("%d structs of %d fields are more than the limit of %d arrays", a.len, len(a.fields), maxArrays)
	}
	return r.cells(a, a.len*len(a.fields), rest, depth)
}

// cells reads n arrays. Each takes at least the 8 bytes of its tag.
func (r *reader) cells(a *Array, n int, rest *span, depth int) error {
	if n > maxArrays-r.arrays {
		return rest.fail("%d arrays follow: the limit for a file is %d", n, maxArrays)
	}
	if n > len(rest.b)/8 {
		return rest.fail("%d arrays should follow in %d bytes: the file is cut off", n, len(rest.b))
	}
	a.cells = make([]*Array, n)
	for i := range a.cells {
		e, err := rest.element()
		if err != nil {
			return err
		}
		if a.cells[i], _, err = r.array(e, depth+1); err != nil {
			return err
		}
	}
	return nil
}
