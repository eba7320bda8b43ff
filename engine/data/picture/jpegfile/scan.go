package jpegfile

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// scan reads the codes of a scan that holds every component of the frame.
func (f *reading) scan(s segment) bool {
	n, p := len(f.components), s.payload
	if n == 0 || len(p) != 4+2*n || int(p[0]) != n {
		return false
	}
	var mcu []block
	for i, c := range f.components {
		dc, ac := p[2+2*i]>>4, p[2+2*i]&15
		if p[1+2*i] != c.id || dc > 1 || ac > 1 || f.tables[0][dc] == nil || f.tables[1][ac] == nil {
			return false
		}
		for range c.h * c.v {
			mcu = append(mcu, block{f.tables[0][dc], f.tables[1][ac]})
		}
	}
	return f.intervals(mcu, s.coded)
}

// block is the tables of a block of 64 coefficients.
type block struct{ dc, ac *codeTable }

// intervals reads the MCUs between restart markers, which must be present and in order.
func (f *reading) intervals(mcu []block, coded []byte) bool {
	left := f.mcus()
	each := left
	if f.interval > 0 {
		each = f.interval
	}
	var r reader
	for number := 0; left > 0; number++ {
		var marker byte
		marker, coded = r.open(coded)
		n := min(each, left)
		left -= n
		if last := left == 0; last != (marker == 0) || !last && marker != rst0+byte(number%8) {
			return false
		}
		for ; n > 0; n-- {
			for _, b := range mcu {
				if !r.block(b) {
					return false
				}
			}
		}
		if !r.finished() {
			return false
		}
	}
	return true
}

// mcus is the number of MCUs. Each covers the pixels of as many 8 x 8 blocks as the luma's factors say (A.2).
func (f *reading) mcus() int {
	w, h := 8*f.components[0].h, 8*f.components[0].v
	return (f.width + w - 1) / w * ((f.height + h - 1) / h)
}

// reader takes bits from the data between two restart markers.
type reader struct {
	data []byte // without the zeros that follow each 0xff, and with spare zeros at the end
	at   int    // next byte
	bits uint64 // the next bits, from the top
	have uint   // how many of them count as loaded; those below are correct too, but are loaded again
}

// spare zeros follow the data, so that loading 8 bytes needs no check for their end. A reader that has loaded the first 8 of them has
// used more bits than there are.
const spare = 16

// open starts with coded, up to the first marker in it; marker is 0 where there is none.
func (r *reader) open(coded []byte) (marker byte, rest []byte) {
	data := slices.Grow(r.data[:0], len(coded)+spare)
	for {
		i := bytes.IndexByte(coded, 0xff)
		if i < 0 || i+1 == len(coded) {
			data, rest, marker = append(data, coded...), nil, 0
			break
		}
		marker, rest = coded[i+1], coded[i+2:]
		if marker != 0 {
			data = append(data, coded[:i]...)
			break
		}
		data, coded = append(data, coded[:i+1]...), rest
	}
	*r = reader{data: append(data, make([]byte, spare)...)}
	return marker, rest
}

// block reads the codes of a block: a DC difference and coefficients up to the 63rd or an end of block. Its variables are local for
// speed: nearly all the time of reading a file is spent in this loop.
func (r *reader) block(b block) bool {
	data, at, bits, have, table, k := r.data, r.at, r.bits, r.have, b.dc, uint(0)
	for k < 64 {
		if have < longestStep {
			if at+8 > len(data) {
				return false
			}
			bits |= binary.BigEndian.Uint64(data[at:]) >> (have & 63)
			at += int(63-have) >> 3
			have |= 56
		}
		s := table.short[bits>>(64-shortBits)]
		if s == 0 {
			if s = table.long(int32(bits >> 48)); s == 0 {
				return false
			}
		}
		bits <<= s & 63
		have -= uint(s & 63)
		k += uint(s >> moveShift)
		table = b.ac
	}
	r.at, r.bits, r.have = at, bits, have
	return k == 64 || k >= endOfBlock
}

// finished tells whether the data are used up, except for less than a byte.
func (r *reader) finished() bool {
	left := 8*(len(r.data)-spare-r.at) + int(r.have)
	return left >= 0 && left < 8
}
