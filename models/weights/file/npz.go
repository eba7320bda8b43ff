package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An .npz is a zip of .npy arrays; an .npy is a magic string, a header of text in Python's syntax, and the elements
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
const (
	arraySuffix = ".npy"
	arrayMagic  = "\x93NUMPY"
	maxArray    = 10_000 // bytes of a header: numpy's own limit
)

// arrayDTypes maps numpy's little-endian dtypes to those of safetensors.
var arrayDTypes = map[string]string{
	"<f2": "F16", "<f4": "F32", "<f8": "F64", "<i2": "I16", "<i4": "I32", "<i8": "I64", "|i1": "I8",
	"<u2": "U16", "<u4": "U32", "<u8": "U64", "|u1": "U8", "|b1": "BOOL",
}

// readArrays reads an .npz; tensors have the names of the entries, without ".npy".
func readArrays(a *archive) (*Weights, error) {
	f := &Weights{Format: "npz"}
	for _, entry := range a.names {
		name, ok := strings.CutSuffix(entry, arraySuffix)
		if !ok {
			return nil, fmt.Errorf("entry %q is not an %s array", entry, arraySuffix)
		}
		b, err := a.read(entry)
		if err != nil {
			return nil, err
		}
		t, err := parseArray(b, &a.extra)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		t.Name = name
		f.Tensors = append(f.Tensors, t)
	}
	return f, nil
}

// parseArray reads one .npy. The tensor has no name, and shares memory with b where its elements are in order.
func parseArray(b []byte, a *allowance) (Tensor, error) {
	text, data, err := splitArray(b)
	if err != nil {
		return Tensor{}, err
	}
	h, err := parseArrayHeader(text)
	if err != nil {
		return Tensor{}, err
	}
	size, err := byteSize(h.dtype, h.shape)
	if err != nil {
		return Tensor{}, err
	}
	if size != len(data) {
		return Tensor{}, fmt.Errorf("%d bytes follow its header, but %s%v takes %d", len(data), h.dtype, h.shape, size)
	}
	l := layout{0, h.shape, make([]int, len(h.shape))}
	step := 1
	for _, i := range h.order() {
		l.stride[i] = step
		step *= h.shape[i]
	}
	data, err = l.elements(data, elementSize[h.dtype], size, a)
	return Tensor{DType: h.dtype, Shape: h.shape, Data: data}, err
}

// splitArray splits an .npy into the header's text and the elements.
func splitArray(b []byte) (text string, data []byte, err error) {
	errShort := errors.New("it is not an .npy array, or a truncated one")
	rest, ok := bytes.CutPrefix(b, []byte(arrayMagic))
	if !ok || len(rest) < 6 {
		return "", nil, errShort
	}
	version, n := rest[0], int64(binary.LittleEndian.Uint16(rest[2:]))
	rest = rest[2:]
	switch version {
	case 1:
		rest = rest[2:]
	case 2, 3:
		n, rest = int64(binary.LittleEndian.Uint32(rest)), rest[4:]
	default:
		return "", nil, fmt.Errorf("version %d of .npy is not known", version)
	}
	if n > maxArray || n > int64(len(rest)) {
		return "", nil, errShort
	}
	return string(rest[:n]), rest[n:], nil
}

// arrayHeader is the description of an .npy's elements.
type arrayHeader struct {
	dtype   string
	fortran bool
	shape   []int
}

// order lists the axes from the one whose elements are adjacent to the outermost.
func (h arrayHeader) order() []int {
	axes := make([]int, len(h.shape))
	for i := range axes {
		axes[i] = i
	}
	if !h.fortran {
		slices.Reverse(axes)
	}
	return axes
}

// arrayText is the header in numpy's form: a dict with its keys in order.
var arrayText = regexp.MustCompile(`^\{'descr': *'([^']*)', *'fortran_order': *(True|False), *'shape': *\(([0-9, ]*)\),? *\} *\n?$`)

func parseArrayHeader(text string) (arrayHeader, error) {
	m := arrayText.FindStringSubmatch(text)
	if m == nil {
		return arrayHeader{}, fmt.Errorf("its header is not that of a plain array: %.120q", text)
	}
	h := arrayHeader{dtype: arrayDTypes[m[1]], fortran: m[2] == "True", shape: []int{}}
	if h.dtype == "" {
		return h, fmt.Errorf("elements of type %.20q are not read; expected little-endian numbers such as <f4", m[1])
	}
	fields := strings.Split(m[3], ",")
	if strings.TrimSpace(fields[len(fields)-1]) == "" { // after the comma of (3,), and in ()
		fields = fields[:len(fields)-1]
	}
	if len(fields) > maxDims {
		return h, fmt.Errorf("%d dimensions", len(fields))
	}
	for _, s := range fields {
		n, err := strconv.ParseUint(strings.TrimSpace(s), 10, strconv.IntSize-1)
		if err != nil {
			return h, fmt.Errorf("its shape is (%.60s)", m[3])
		}
		h.shape = append(h.shape, int(n))
	}
	return h, nil
}
