// Package jpegfile inspects JPEG files without decoding their pixels: how many scans there are, and whether a file is so
// plain and undamaged that every decoder reads it, and as the same picture. Sections and tables are those of
// ITU-T T.81. The bytes are not trusted: all reading stays within them and takes time linear in their length.
package jpegfile

import (
	"bytes"
	"iter"
)

// The markers that matter (table B.1).
const (
	sof0, sof1         = 0xc0, 0xc1 // frames of sequential files
	dht, dqt, dri, sos = 0xc4, 0xdb, 0xdd, 0xda
	rst0, rst7         = 0xd0, 0xd7
	soi, eoi           = 0xd8, 0xd9
	app0, app15, com   = 0xe0, 0xef, 0xfe
)

// segment is a marker with its data.
type segment struct {
	marker  byte
	payload []byte // after its length
	coded   []byte // of a scan: the entropy-coded data, restart markers included
}

// segments yields the segments of a file up to its end marker, which comes last. Where the file breaks off, or holds
// anything else between two segments, there is no end marker.
func segments(b []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		if !bytes.HasPrefix(b, []byte{0xff, soi}) {
			return
		}
		b = b[2:]
		for {
			s, rest, ok := nextSegment(b)
			if !ok || !yield(s) || s.marker == eoi {
				return
			}
			b = rest
		}
	}
}

// nextSegment takes a segment from the front; fill bytes may precede its marker.
func nextSegment(b []byte) (s segment, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != 0xff {
		return s, nil, false
	}
	for len(b) > 2 && b[1] == 0xff {
		b = b[1:]
	}
	if s.marker = b[1]; s.marker == eoi {
		return s, nil, true
	}
	if len(b) < 4 {
		return s, nil, false
	}
	end := 2 + (int(b[2])<<8 | int(b[3]))
	if end < 4 || end > len(b) {
		return s, nil, false
	}
	s.payload, rest = b[4:end], b[end:]
	if s.marker == sos {
		n := codedLength(rest)
		s.coded, rest = rest[:n], rest[n:]
	}
	return s, rest, true
}

// codedLength is where the entropy-coded data at the front of b end: before the first marker other than a restart.
func codedLength(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], 0xff)
		if i < 0 || at+i+1 == len(b) {
			return len(b)
		}
		at += i
		if next := b[at+1]; next != 0 && (next < rst0 || next > rst7) {
			return at
		}
		at += 2
	}
}
