package matfile

import (
	"encoding/binary"
	"fmt"
)

// The types of elements, which say how their bytes are read.
const (
	miInt8       = 1
	miUint8      = 2
	miInt16      = 3
	miUint16     = 4
	miInt32      = 5
	miUint32     = 6
	miSingle     = 7
	miDouble     = 9
	miInt64      = 12
	miUint64     = 13
	miMatrix     = 14
	miCompressed = 15
	miUTF8       = 16
	miUTF16      = 17
	miUTF32      = 18
)

// widths are the bytes of one number or character of each type.
var widths = map[uint32]int{
	miInt8: 1, miUint8: 1, miInt16: 2, miUint16: 2, miInt32: 4, miUint32: 4, miSingle: 4, miDouble: 8, miInt64: 8,
	miUint64: 8, miUTF8: 1, miUTF16: 2, miUTF32: 4,
}

// span is the bytes that are still to be read, with their place.
type span struct {
	b  []byte
	at int    // of b[0], from the start of the file or of unpacked data
	in string // what the offset is relative to, for messages; "": the file
}

// fail is an error that gives the place.
func (s span) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d%s: %w", s.at, s.in, fmt.Errorf(format, args...))
}

// cut is the part from byte lo to hi. Both must be within the span.
func (s span) cut(lo, hi int) span { return span{s.b[lo:hi], s.at + lo, s.in} }

// element is the content of a tagged element.
type element struct {
	kind uint32
	data span
}

// element takes the next element. Its tag is type and size, in 8 bytes; where the content fits into the last 4 of them, both are in
// the first 4.
func (s *span) element() (element, error) {
	if len(s.b) < 8 {
		return element{}, s.fail("%d bytes are left: the file is cut off", len(s.b))
	}
	kind, size := binary.LittleEndian.Uint32(s.b), binary.LittleEndian.Uint32(s.b[4:])
	if small := kind >> 16; small > 0 {
		if small > 4 {
			return element{}, s.fail("a small element has %d bytes: expected 1 to 4", small)
		}
		e := element{kind & 0xffff, s.cut(4, 4+int(small))}
		*s = s.cut(8, len(s.b))
		return e, nil
	}
	if uint64(size) > uint64(len(s.b)-8) {
		return element{}, s.fail("an element has %d bytes and only %d are left: the file is cut off", size, len(s.b)-8)
	}
	end := 8 + int(size)
	e := element{kind, s.cut(8, end)}
	if kind != miMatrix && kind != miCompressed { // after these two no padding follows
		end += min(-end&7, len(s.b)-end)
	}
	*s = s.cut(end, len(s.b))
	return e, nil
}

// want takes the next element, which must have the type kind; what names it in the message.
func (s *span) want(kind uint32, what string) (span, error) {
	start := *s
	e, err := s.element()
	if err == nil && e.kind != kind {
		err = start.fail("%[2]s is an element of type %[1]d: expected type %[3]d", e.kind, what, kind)
	}
	return e.data, err
}
